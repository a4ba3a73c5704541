import { findField } from '../catalog/catalog.ts'
import type { Fold } from '../catalog/metric.ts'
import { windowStart } from '../points/instant.ts'

/** One value of one row; the companions only where the field's fold is the mean. */
export type Cell = {
  readonly value: number
  readonly min?: number
  readonly max?: number
  readonly n?: number
}
export type Row = Readonly<Record<string, Cell>>
/** The rows of one series by their instant. */
export type Rows = ReadonlyMap<number, Row>

/** What the catalogue says; the mean for what it does not know. */
export const foldOf = (measurement: string, field: string): Fold =>
  findField(measurement, field)?.fold ?? 'mean'

/** A raw value as a cell: a window of one. */
export const rawCell = (measurement: string, field: string, value: number): Cell =>
  foldOf(measurement, field) === 'mean' ? { value, min: value, max: value, n: 1 } : { value }

/** Folds rows into epoch-aligned windows by brute force; means are weighted by `n`. */
export const foldRows = (measurement: string, rows: Rows, windowMs: number): Rows => {
  const windows = new Map<number, Map<string, Cell[]>>()
  for (const at of [...rows.keys()].toSorted((a, b) => a - b)) {
    const start = windowStart(at, windowMs)
    const window = windows.get(start) ?? new Map<string, Cell[]>()
    windows.set(start, window)
    for (const [field, cell] of Object.entries(rows.get(at) ?? {}))
      window.set(field, [...(window.get(field) ?? []), cell])
  }
  const folded = new Map<number, Row>()
  for (const [start, fields] of windows)
    folded.set(
      start,
      Object.fromEntries(
        [...fields].map(([field, cells]) => [field, foldCells(foldOf(measurement, field), cells)]),
      ),
    )
  return folded
}

const foldCells = (fold: Fold, cells: readonly Cell[]): Cell => {
  const values = cells.map((cell) => cell.value)
  switch (fold) {
    case 'max':
      return { value: Math.max(...values) }
    case 'last':
      return { value: values.at(-1) ?? Number.NaN }
    case 'sum':
      return { value: values.reduce((sum, value) => sum + value, 0) }
    case 'mean': {
      const n = cells.reduce((sum, cell) => sum + (cell.n ?? 1), 0)
      return {
        value: cells.reduce((sum, cell) => sum + cell.value * (cell.n ?? 1), 0) / n,
        min: Math.min(...cells.map((cell) => cell.min ?? cell.value)),
        max: Math.max(...cells.map((cell) => cell.max ?? cell.value)),
        n,
      }
    }
  }
}
