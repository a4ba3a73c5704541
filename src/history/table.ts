import { findField } from '../catalog/catalog.ts'
import type { Fold } from '../catalog/metric.ts'
import type { Tags } from '../points/point.ts'
import type { Column, SeriesColumns } from '../store/range-query.ts'
import { seriesText } from './series-text.ts'

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

type Part = { readonly columns: SeriesColumns; readonly places: Places }

/** Where the rows of a read belong on the axis. */
type Places = {
  /** -1 for an empty row, whose window may not be there. */
  readonly of: Int32Array
  /** Of the first row, where the others follow it one by one; else -1. */
  readonly run: number
}

/**
 * One table from what several reads gave, in the order of time. Rows of the same window are put together by the fold
 * of their field, means by their `n`; the table has `n` where all reads of a field have it. Windows without any value
 * are left out.
 */
export const stitch = (reads: readonly (readonly SeriesColumns[])[], windowMs: number): Table => {
  const answers = reads.flat().filter(hasValues)
  const at = axisOf(answers, windowMs)
  const parts = new Map<string, Part[]>()
  let before: Part | undefined
  for (const columns of answers) {
    // The series of one read mostly have the same rows: those are looked at once.
    const places =
      before !== undefined && same(before.columns.at, columns.at)
        ? before.places
        : placesOn(at, columns.at, windowMs)
    const part: Part = { columns, places }
    before = part
    const key = seriesText(columns.measurement, columns.tags)
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

/** A column's values in these rows. */
export const inRows = (column: Float64Array, rows: readonly number[]): Float64Array => {
  const values = new Float64Array(rows.length)
  for (let place = 0; place < rows.length; place++)
    values[place] = column[rows[place] ?? -1] ?? Number.NaN
  return values
}

const hasValues = ({ at, fields }: SeriesColumns): boolean =>
  at.length > 0 && Object.keys(fields).length > 0

/** The starts of all windows that any series has a value in. */
const axisOf = (answers: readonly SeriesColumns[], windowMs: number): Float64Array => {
  const starts: number[] = []
  let before: Float64Array | undefined
  for (const answer of answers) {
    if (before !== undefined && same(before, answer.at)) continue
    const filled = filledRows(answer)
    for (let row = 0; row < answer.at.length; row++)
      if (filled[row] === 1) starts.push(startOf(answer.at[row] ?? 0, windowMs))
    if (filled.every(Boolean)) before = answer.at
  }
  const sorted = Float64Array.from(starts).sort()
  return sorted.filter((start, i) => start !== sorted[i - 1])
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

const placesOn = (axis: Float64Array, at: Float64Array, windowMs: number): Places => {
  const of = new Int32Array(at.length)
  let place = 0
  let run = true
  for (let row = 0; row < at.length; row++) {
    const start = startOf(at[row] ?? 0, windowMs)
    while (place < axis.length && (axis[place] ?? 0) < start) place += 1
    of[row] = axis[place] === start ? place : -1
    run &&= row === 0 || of[row] === (of[row - 1] ?? 0) + 1
  }
  return { of, run: run ? (of[0] ?? -1) : -1 }
}

const joined = (parts: readonly Part[], length: number): TableSeries | undefined => {
  const [only] = parts
  if (only === undefined) return undefined
  const { measurement, tags, fields, at } = only.columns
  if (parts.length === 1 && only.places.run === 0 && at.length === length)
    return { measurement, tags, fields }
  const names = new Set(parts.flatMap(({ columns }) => Object.keys(columns.fields)))
  const entries = [...names].map((name) => {
    const fold = findField(measurement, name)?.fold ?? 'mean'
    return [name, joinedColumn(parts, name, fold, length)] as const
  })
  return { measurement, tags, fields: Object.fromEntries(entries) }
}

/** A column while reads are put into it. */
type Building = {
  readonly value: Float64Array
  min?: Float64Array
  max?: Float64Array
  counts?: Float64Array
  /** The last place that was filled, and how many values it stands for. */
  place: number
  n: number
}

const joinedColumn = (parts: readonly Part[], name: string, fold: Fold, length: number): Column => {
  const own = parts.flatMap(({ columns, places }) => {
    const column = columns.fields[name]
    return column === undefined ? [] : [{ column, places }]
  })
  const empty = () => new Float64Array(length).fill(Number.NaN)
  const building: Building = { value: empty(), place: -1, n: Number.NaN }
  if (own.some(({ column }) => column.min !== undefined)) building.min = empty()
  if (own.some(({ column }) => column.max !== undefined)) building.max = empty()
  if (own.every(({ column }) => column.n !== undefined)) building.counts = empty()
  for (const { column, places } of own)
    if (places.run > building.place) copy(building, column, places.run)
    else add(building, column, places.of, fold)
  const { value, min, max, counts } = building
  return {
    value,
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(counts === undefined ? {} : { n: counts }),
  }
}

/** Rows behind all that are there already. */
const copy = (to: Building, { value, min, max, n }: Column, first: number) => {
  to.value.set(value, first)
  if (min !== undefined) to.min?.set(min, first)
  if (max !== undefined) to.max?.set(max, first)
  if (n !== undefined) to.counts?.set(n, first)
  to.place = first + value.length - 1
  to.n = n?.at(-1) ?? Number.NaN
}

/** Rows that may share windows with each other and with the last one that is there. */
const add = (to: Building, column: Column, places: Int32Array, fold: Fold) => {
  for (let row = 0; row < places.length; row++) {
    const place = places[row] ?? -1
    const value = column.value[row] ?? Number.NaN
    if (place < 0 || Number.isNaN(value)) continue
    const old = to.value[place] ?? Number.NaN
    const isNew = Number.isNaN(old)
    const n = column.n?.[row] ?? Number.NaN
    const min = column.min?.[row] ?? Number.NaN
    const max = column.max?.[row] ?? Number.NaN
    to.value[place] = isNew ? value : together(fold, old, to.n, value, n)
    if (to.min !== undefined)
      to.min[place] = isNew ? min : Math.min(to.min[place] ?? Number.NaN, min)
    if (to.max !== undefined)
      to.max[place] = isNew ? max : Math.max(to.max[place] ?? Number.NaN, max)
    to.n = isNew ? n : to.n + n
    if (to.counts !== undefined) to.counts[place] = to.n
    to.place = place
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
