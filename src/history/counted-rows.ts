import { windowCeil, type Instant } from '../points/instant.ts'
import type { Period } from './parameters.ts'
import { inRows, type Table } from './table.ts'

/** A period and all windows of it that have data. */
export type PeriodTable = { readonly period: Period; readonly table: Table }

/** The rows of a table that a summary is of, ascending. */
export type Counted = {
  readonly table: Table
  readonly rows: readonly number[]
  /** Their starts. */
  readonly at: Float64Array
}

/**
 * The rows of both periods that are compared: the windows that start in [start, end). Where one period's newest are not
 * finished they are left out, and their counterparts (by the place in the period) too, as long as it has a finished one.
 */
export const countedRows = (
  [one, other]: readonly [PeriodTable, PeriodTable],
  windowMs: number,
  now: Instant,
): readonly [Counted, Counted] => {
  const [a, b] = [placed(one, windowMs, now), placed(other, windowMs, now)]
  const bound = Math.min(a.finished, b.finished)
  const nothingFinished =
    bound <= 0 ||
    [a, b].some(
      ({ places, finished }) =>
        places.some((place) => place >= finished) &&
        !places.some((place) => place >= 0 && place < bound),
    )
  const below = nothingFinished ? Infinity : bound
  return [counted(a, below), counted(b, below)]
}

type Placed = {
  readonly table: Table
  /** Of each row: which window of the period it is, from 0; negative before its start. */
  readonly places: readonly number[]
  /** How many windows of the period have ended. */
  readonly finished: number
}

const placed = ({ period, table }: PeriodTable, windowMs: number, now: Instant): Placed => {
  const first = windowCeil(period.start, windowMs)
  const count = Math.ceil((period.end - first) / windowMs)
  const places = Array.from(table.at, (at) => (at - first) / windowMs).filter(
    (place) => place < count,
  )
  return { table, places, finished: Math.floor((now - first) / windowMs) }
}

const counted = ({ table, places }: Placed, below: number): Counted => {
  const rows = places.flatMap((place, row) => (place >= 0 && place < below ? [row] : []))
  return { table, rows, at: inRows(table.at, rows) }
}
