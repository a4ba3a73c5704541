import type { CellCollector, Queries } from '../queries.ts'
import { isEmpty, momentAt, type Stretch } from './moment.ts'
import { blockReader } from './rows.ts'
import { windowCountsScript, type Rows } from './scripts.ts'

/** A stretch, and how many rows it had when they were counted. */
export type Slice = Stretch & { readonly rows: number }

const WINDOWS = 256

/**
 * A stretch in slices of about so many rows, in the order of time; what is empty is not among them. Counting costs a
 * fifteenth of reading. A millisecond is not divided, however much it holds.
 */
export const slicesOf = async (
  queries: Queries,
  rows: Rows,
  stretch: Stretch,
  wanted: number,
): Promise<readonly Slice[]> => {
  const first = stretch.from.at
  // the last millisecond may be a part
  const end = stretch.to.seq === 0 ? stretch.to.at : stretch.to.at + 1
  const windowMs = Math.max(1, Math.ceil((end - first) / WINDOWS))
  const counts = await queries.ask(windowCountsScript(rows, stretch, windowMs), () =>
    collectCounts(windowMs),
  )
  const slices: Slice[] = []
  let open: Slice | undefined
  const close = () => {
    if (open !== undefined) slices.push(open)
    open = undefined
  }
  for (const [start, count] of [...counts].toSorted(([a], [b]) => a - b)) {
    const window: Slice = {
      from: start <= first ? stretch.from : momentAt(start),
      to: start + windowMs >= end ? stretch.to : momentAt(start + windowMs),
      rows: count,
    }
    if (count > 2 * wanted && windowMs > 1) {
      close()
      slices.push(...(await slicesOf(queries, rows, window, wanted)))
    } else if (open !== undefined && open.rows + count <= wanted)
      open = { from: open.from, to: window.to, rows: open.rows + count }
    else {
      close()
      open = window
    }
  }
  close()
  return slices.filter((slice) => !isEmpty(slice))
}

/** By the start of the window, of whose label the beginning of the range may have cut something off. */
const collectCounts = (windowMs: number): CellCollector<ReadonlyMap<number, number>> => {
  const counts = new Map<number, number>()
  const blockFor = blockReader()
  return {
    cells: (row, table) => {
      const { time, value } = blockFor(table)
      if (time === undefined || value === undefined) return
      const start = Math.floor(row.time(time.index) / windowMs) * windowMs
      counts.set(start, (counts.get(start) ?? 0) + row.number(value.index))
    },
    answer: () => counts,
  }
}
