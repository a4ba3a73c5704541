import { textCell } from '../../history/csv.ts'
import type { DataPoint } from '../../history/history.ts'
import type { FieldColumn } from './columns.ts'

/** The windows as CSV: a row per window, a column per field, nothing where nothing was measured. */
export const toCsv = (points: readonly DataPoint[], columns: readonly FieldColumn[]): string => {
  const values = columns.map(({ marks }) => new Map(marks.map(({ at, value }) => [at, value])))
  const head = ['timestamp', ...columns.map(({ name }) => textCell(name))].join(',')
  const rows = points.map(({ timestamp }) => {
    const at = Date.parse(timestamp)
    return [timestamp, ...values.map((column) => String(column.get(at) ?? ''))].join(',')
  })
  return [head, ...rows].join('\n')
}
