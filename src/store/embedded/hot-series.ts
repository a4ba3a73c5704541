import { parseBlock } from './cells.ts'
import type { HotRow } from './hot.ts'
import type { Pace } from './pace.ts'
import type { HotSeries } from './rows.ts'

/** Parses hot rows, which are in time order, into the series that are wanted; gives way to the event loop. */
export const parseHot = async (
  rows: readonly HotRow[],
  wanted: { has(series: number): boolean },
  pace: Pace,
): Promise<ReadonlyMap<number, HotSeries>> => {
  const found = new Map<number, HotSeries>()
  for (const { time, v } of rows) {
    const parsed = parseBlock(v)
    for (const key in parsed) {
      const id = Number(key)
      const cells = parsed[key]
      if (cells === undefined || !wanted.has(id)) continue
      const series = found.get(id)
      if (series === undefined) found.set(id, { at: [time], cells: [cells] })
      else {
        series.at.push(time)
        series.cells.push(cells)
      }
    }
    if (pace.due()) await pace.rest()
  }
  return found
}
