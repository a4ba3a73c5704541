import { findField } from '../catalog/catalog.ts'
import type { Fold } from '../catalog/metric.ts'
import { seriesKey, type Tags } from '../points/point.ts'
import type { Column, SeriesColumns } from '../store/range-query.ts'

/** Windows as columns: every column is as long as `at` (the windows' starts, ascending); NaN is "no value". */
export type Table = {
  readonly at: Float64Array
  readonly series: readonly TableSeries[]
}

export type TableSeries = {
  readonly measurement: string
  readonly tags: Tags
  readonly fields: Readonly<Record<string, Column>>
}

type Part = { readonly columns: SeriesColumns; readonly places: Int32Array }
type Building = { value: Float64Array; min: Float64Array; max: Float64Array; n: Float64Array }

/**
 * One table from what several reads gave, in the order of time. Rows of the same window are put together by the fold
 * of their field, means by their `n`. Windows without any value are left out.
 */
export const stitch = (reads: readonly (readonly SeriesColumns[])[], windowMs: number): Table => {
  const answers = reads.flat().filter(hasValues)
  const at = axisOf(answers, windowMs)
  const parts = new Map<string, Part[]>()
  for (const columns of answers) {
    const key = seriesKey(columns.measurement, columns.tags)
    const part = { columns, places: placesOn(at, columns.at, windowMs) }
    const known = parts.get(key)
    if (known === undefined) parts.set(key, [part])
    else known.push(part)
  }
  const keys = [...parts.keys()].toSorted()
  return { at, series: keys.flatMap((key) => joined(parts.get(key) ?? [], at.length) ?? []) }
}

/** The first `count` windows of a table. */
export const firstWindows = (table: Table, count: number): Table =>
  count >= table.at.length ? table : { at: table.at.subarray(0, count), series: table.series }

const hasValues = ({ at, fields }: SeriesColumns): boolean =>
  at.length > 0 && Object.keys(fields).length > 0

/** The starts of all windows that any series has a value in. */
const axisOf = (answers: readonly SeriesColumns[], windowMs: number): Float64Array => {
  const starts = new Set<number>()
  let before: Float64Array | undefined
  for (const answer of answers) {
    // The series of one read mostly have the same rows: those are looked at once.
    if (before !== undefined && same(before, answer.at)) continue
    const filled = filledRows(answer)
    for (let row = 0; row < answer.at.length; row++)
      if (filled[row] === 1) starts.add(startOf(answer.at[row] ?? 0, windowMs))
    if (filled.every(Boolean)) before = answer.at
  }
  return Float64Array.from(starts).sort()
}

const startOf = (at: number, windowMs: number): number => Math.floor(at / windowMs) * windowMs

const same = (a: Float64Array, b: Float64Array): boolean => {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** 1 for each row that has a value in any field. */
const filledRows = ({ at, fields }: SeriesColumns): Uint8Array => {
  const filled = new Uint8Array(at.length)
  let left = at.length
  for (const { value } of Object.values(fields)) {
    if (left === 0) break
    for (let row = 0; row < filled.length; row++)
      if (filled[row] === 0 && !Number.isNaN(value[row] ?? Number.NaN)) {
        filled[row] = 1
        left -= 1
      }
  }
  return filled
}

/** For each row its place on the axis; -1 for an empty row, whose window may not be there. */
const placesOn = (axis: Float64Array, at: Float64Array, windowMs: number): Int32Array => {
  const places = new Int32Array(at.length)
  let place = 0
  for (let row = 0; row < at.length; row++) {
    const start = startOf(at[row] ?? 0, windowMs)
    while (place < axis.length && (axis[place] ?? 0) < start) place += 1
    places[row] = axis[place] === start ? place : -1
  }
  return places
}

const joined = (parts: readonly Part[], length: number): TableSeries | undefined => {
  const first = parts[0]?.columns
  if (first === undefined) return undefined
  const names = new Set(parts.flatMap(({ columns }) => Object.keys(columns.fields)))
  const fields = [...names].map((name) => {
    const fold = findField(first.measurement, name)?.fold ?? 'mean'
    return [name, joinedColumn(parts, name, fold, length)] as const
  })
  return {
    measurement: first.measurement,
    tags: first.tags,
    fields: Object.fromEntries(fields),
  }
}

const joinedColumn = (parts: readonly Part[], name: string, fold: Fold, length: number): Column => {
  const empty = () => new Float64Array(length).fill(Number.NaN)
  const has = (beside: 'min' | 'max' | 'n') =>
    parts.some(({ columns }) => columns.fields[name]?.[beside] !== undefined)
  const building: Building = { value: empty(), min: NONE, max: NONE, n: NONE }
  if (has('min')) building.min = empty()
  if (has('max')) building.max = empty()
  if (has('n')) building.n = empty()
  for (const { columns, places } of parts) {
    const column = columns.fields[name]
    if (column !== undefined) add(building, column, places, fold)
  }
  const { value, min, max, n } = building
  return {
    value,
    ...(min === NONE ? {} : { min }),
    ...(max === NONE ? {} : { max }),
    ...(n === NONE ? {} : { n }),
  }
}

const NONE = new Float64Array(0)

/** Adds a read's rows. Writing beyond the end of a typed array does nothing: companions that are not there need no branch. */
const add = (to: Building, column: Column, places: Int32Array, fold: Fold) => {
  const plain = to.n === NONE && to.min === NONE && to.max === NONE
  for (let row = 0; row < places.length; row++) {
    const place = places[row] ?? -1
    const value = column.value[row] ?? Number.NaN
    if (place < 0 || Number.isNaN(value)) continue
    const old = to.value[place] ?? Number.NaN
    if (plain && Number.isNaN(old)) {
      to.value[place] = value
      continue
    }
    const n = column.n?.[row] ?? Number.NaN
    if (Number.isNaN(old)) {
      to.value[place] = value
      to.min[place] = column.min?.[row] ?? Number.NaN
      to.max[place] = column.max?.[row] ?? Number.NaN
      to.n[place] = n
      continue
    }
    const oldN = to.n[place] ?? Number.NaN
    to.value[place] = together(fold, old, oldN, value, n)
    to.min[place] = Math.min(to.min[place] ?? Number.NaN, column.min?.[row] ?? Number.NaN)
    to.max[place] = Math.max(to.max[place] ?? Number.NaN, column.max?.[row] ?? Number.NaN)
    to.n[place] = oldN + n
  }
}

const together = (fold: Fold, old: number, oldN: number, value: number, n: number): number => {
  switch (fold) {
    case 'max':
      return Math.max(old, value)
    case 'last':
      return value
    case 'sum':
      return old + value
    case 'mean': {
      // A count that is missing counts as one row.
      const [a, b] = [Number.isNaN(oldN) ? 1 : oldN, Number.isNaN(n) ? 1 : n]
      return (old * a + value * b) / (a + b)
    }
  }
}
