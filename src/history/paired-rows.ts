import { DAY } from '../points/instant.ts'
import type { Counted, PeriodTable } from './counted-rows.ts'
import { inRows } from './table.ts'

/** Rows of two tables that correspond: the same place in both lists is the same time of day. Ascending. */
export type PairedRows = {
  readonly current: readonly number[]
  readonly comparison: readonly number[]
  /** The starts of the current ones. */
  readonly at: Float64Array
}

/** The rows that both periods have; null where the periods are not whole days apart, so that no two windows correspond. */
export const pairedRows = (
  [{ period: current }, { period: comparison }]: readonly [PeriodTable, PeriodTable],
  [now, then]: readonly [Counted, Counted],
): PairedRows | null => {
  const apart = current.start - comparison.start
  if (apart % DAY !== 0) return null
  const rowAt = new Map(then.rows.map((row, place) => [(then.at[place] ?? 0) + apart, row]))
  const pairs = now.rows.flatMap((row, place) => {
    const other = rowAt.get(now.at[place] ?? 0)
    return other === undefined ? [] : [{ row, other }]
  })
  const rows = pairs.map(({ row }) => row)
  return {
    current: rows,
    comparison: pairs.map(({ other }) => other),
    at: inRows(now.table.at, rows),
  }
}
