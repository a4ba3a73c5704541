import type { Column } from '../range-query.ts'
import type { Cells } from './cells.ts'
import { holes, mapParts, type Parts, type Rows } from '../rows.ts'
import type { OpenChunk } from './codec/chunk.ts'

/** The columns of an opened chunk at the wanted positions, in their order. */
export const chunkRows = (chunk: OpenChunk, positions: readonly number[]): Rows => ({
  at: chunk.at,
  columns: positions.map((position) => chunk.column(position)),
})

/** Hot rows of one series, as they were parsed, in time order. */
export type HotSeries = { readonly at: number[]; readonly cells: Cells[] }

/** The same as columns at the wanted positions. */
export const hotSeriesRows = (
  { at, cells }: HotSeries,
  positions: readonly number[],
  { spread }: Parts,
): Rows => ({
  at: Float64Array.from(at),
  columns: positions.map((position) => hotColumn(cells, position, spread)),
})

const hotColumn = (
  cells: readonly Cells[],
  position: number,
  spread: boolean,
): Column | undefined => {
  let value: Float64Array | undefined
  let beside: { min: Float64Array; max: Float64Array; n: Float64Array } | undefined
  for (let row = 0; row < cells.length; row++) {
    const cell = cells[row]?.[position]
    if (cell === null || cell === undefined) continue
    value ??= holes(cells.length)
    if (typeof cell === 'number') {
      value[row] = cell
      continue
    }
    beside ??= { min: holes(cells.length), max: holes(cells.length), n: holes(cells.length) }
    value[row] = cell[0]
    beside.min[row] = cell[1]
    beside.max[row] = cell[2]
    beside.n[row] = cell[3]
  }
  if (value === undefined) return undefined
  if (beside === undefined) return { value }
  return spread ? { value, ...beside } : { value, n: beside.n }
}

/** The rows with `from <= at < to`, as views. */
export const sliceRows = (rows: Rows, from: number, to: number): Rows => {
  const first = lowerBound(rows.at, from)
  const last = lowerBound(rows.at, to)
  if (first === 0 && last === rows.at.length) return rows
  return {
    at: rows.at.subarray(first, last),
    columns: rows.columns.map(
      (column) => column && mapParts(column, (part) => part.subarray(first, last)),
    ),
  }
}

/** The first place whose time is not before `time`. */
export const lowerBound = (at: Float64Array, time: number): number => {
  let low = 0
  let high = at.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((at[middle] ?? Infinity) < time) low = middle + 1
    else high = middle
  }
  return low
}

/** The rows of both; where both have a value of a field at an instant, the newer one counts. */
export const overlay = (older: Rows, newer: Rows): Rows => {
  if (newer.at.length === 0) return older
  if (older.at.length === 0) return newer
  const { at, fromOlder, fromNewer } = union(older.at, newer.at)
  const length = Math.max(older.columns.length, newer.columns.length)
  return {
    at,
    columns: Array.from({ length }, (_, i) =>
      overlayColumn(older.columns[i], newer.columns[i], at.length, fromOlder, fromNewer),
    ),
  }
}

const union = (older: Float64Array, newer: Float64Array) => {
  const at = new Float64Array(older.length + newer.length)
  const fromOlder = new Int32Array(at.length).fill(-1)
  const fromNewer = new Int32Array(at.length).fill(-1)
  let o = 0
  let n = 0
  let rows = 0
  while (o < older.length || n < newer.length) {
    const olderTime = older[o] ?? Infinity
    const newerTime = newer[n] ?? Infinity
    at[rows] = Math.min(olderTime, newerTime)
    if (olderTime <= newerTime) fromOlder[rows] = o++
    if (newerTime <= olderTime) fromNewer[rows] = n++
    rows += 1
  }
  return { at: at.slice(0, rows), fromOlder, fromNewer }
}

const overlayColumn = (
  older: Column | undefined,
  newer: Column | undefined,
  rows: number,
  fromOlder: Int32Array,
  fromNewer: Int32Array,
): Column | undefined => {
  if (older === undefined && newer === undefined) return undefined
  const has = (part: 'min' | 'max' | 'n') =>
    older?.[part] !== undefined || newer?.[part] !== undefined
  const value = holes(rows)
  const min = has('min') ? holes(rows) : undefined
  const max = has('max') ? holes(rows) : undefined
  const n = has('n') ? holes(rows) : undefined
  const take = (from: Column, place: number, row: number): boolean => {
    const taken = from.value[place]
    if (taken === undefined || Number.isNaN(taken)) return false
    value[row] = taken
    // A column without companions holds windows of one value.
    if (min !== undefined) min[row] = from.min?.[place] ?? taken
    if (max !== undefined) max[row] = from.max?.[place] ?? taken
    if (n !== undefined) n[row] = from.n?.[place] ?? 1
    return true
  }
  for (let row = 0; row < rows; row++) {
    const placeNewer = fromNewer[row] ?? -1
    if (newer !== undefined && placeNewer >= 0 && take(newer, placeNewer, row)) continue
    const placeOlder = fromOlder[row] ?? -1
    if (older !== undefined && placeOlder >= 0) take(older, placeOlder, row)
  }
  return {
    value,
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(n === undefined ? {} : { n }),
  }
}
