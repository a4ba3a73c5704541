import type { Beside, Column } from './range-query.ts'
import { companion, mapParts, type Rows } from './rows.ts'

/** A column as it was asked for. */
export const answerColumn = (column: Column, beside: readonly Beside[]): Column => ({
  value: column.value,
  ...Object.fromEntries(
    beside.map((part) => [part, column[part] ?? companion(column.value, part)] as const),
  ),
})

/** Without columns that have no value, and without rows in which none of the wanted fields has one. */
export const withoutEmpty = ({ at, columns }: Rows): Rows => {
  const filled = columns.map((column) =>
    column?.value.some((value) => !Number.isNaN(value)) === true ? column : undefined,
  )
  const full = filled.find((column) => column?.value.every((value) => !Number.isNaN(value)))
  if (full !== undefined) return { at, columns: filled }
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
