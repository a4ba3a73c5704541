import type { Beside, Column } from './range-query.ts'
import { companion, mapParts, type Rows } from './rows.ts'

/** A column as it was asked for. */
export const answerColumn = (column: Column, beside: readonly Beside[]): Column => {
  const answer: { -readonly [Part in keyof Column]: Column[Part] } = { value: column.value }
  for (const part of beside) answer[part] = column[part] ?? companion(column.value, part)
  return answer
}

/** Without columns that have no value, and without rows in which none of the wanted fields has one. */
export const withoutEmpty = ({ at, columns }: Rows): Rows => {
  const filled = columns.map((column) =>
    column !== undefined && countValues(column.value, 1) > 0 ? column : undefined,
  )
  const isFull = (column: Column | undefined) =>
    column !== undefined && countValues(column.value, at.length) === at.length
  if (filled.some(isFull)) return { at, columns: filled }
  const kept: number[] = []
  for (let row = 0; row < at.length; row++)
    if (filled.some((column) => column !== undefined && !Number.isNaN(column.value[row])))
      kept.push(row)
  if (kept.length === at.length) return { at, columns: filled }
  const pick = (part: Float64Array) => Float64Array.from(kept, (row) => part[row] ?? Number.NaN)
  return {
    at: pick(at),
    columns: filled.map((column) => column && mapParts(column, pick)),
  }
}

/** Up to `most`. A loop of its own: a call for each value costs several times as much. */
const countValues = (values: Float64Array, most: number): number => {
  let count = 0
  for (let row = 0; row < values.length && count < most; row++)
    if (!Number.isNaN(values[row])) count += 1
  return count
}
