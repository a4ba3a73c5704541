import { DAY } from '../points/instant.ts'
import type { Counted, PeriodTable } from './counted-rows.ts'

/** Rows of two tables that correspond: the same place in both lists is the same time of day. Ascending. */
export type PairedRows = {
  readonly current: readonly number[]
  readonly comparison: readonly number[]
}

/** The rows that both periods have; null where the periods are not whole days apart, so that no two windows correspond. */
export const pairedRows = (
  [{ period: current }, { period: comparison }]: readonly [PeriodTable, PeriodTable],
  [now, then]: readonly [Counted, Counted],
): PairedRows | null => {
  const apart = current.start - comparison.start
  if (apart % DAY !== 0) return null
  const rowAt = new Map(then.rows.map((row) => [(then.table.at[row] ?? 0) + apart, row]))
  const pairs = now.rows.flatMap((row) => {
    const other = rowAt.get(now.table.at[row] ?? 0)
    return other === undefined ? [] : [{ row, other }]
  })
  return { current: pairs.map(({ row }) => row), comparison: pairs.map(({ other }) => other) }
}
