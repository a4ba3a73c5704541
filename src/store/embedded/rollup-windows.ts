import { byBlock } from './by-block.ts'
import { createFolder } from '../fold.ts'
import type { Cells } from './cells.ts'
import type { Rows } from '../rows.ts'
import { sevenDigits } from './codec/seven-digits.ts'
import type { Sql } from './database.ts'
import { hasChunks } from './ends.ts'
import { allHotRows, cellsOf, hotRows, putHot, type HotDraft } from './hot.ts'
import { parseHot } from './hot-series.ts'
import { joinRows } from './join-rows.ts'
import type { Pace } from './pace.ts'
import type { Registry, Series, Source } from './registry.ts'
import { lowerBound } from './rows.ts'
import { readOneSeries } from './series-reader.ts'
import type { RollupShelf, Shelf } from './shelves.ts'
import type { Stocks } from './stocks.ts'

/** Windows of one source to be made from the rows of another shelf. */
export type Stretch = {
  readonly source: Source
  readonly shelf: RollupShelf
  /** Where the rows come from: raw, or a finer tier. */
  readonly origin: Shelf
  readonly from: number
  readonly to: number
  /** The windows may exist already, and must not be replaced by ones of fewer values. */
  readonly again: boolean
}

const ALL = { spread: true }
/** So much text makes a transaction of a few milliseconds. */
const BYTES_PER_COMMIT = 64 * 1024

type Parts = { readonly sql: Sql; readonly registry: Registry; readonly stocks: Stocks }

/** Folds rows into the hot rows of a rollup tier; resolves with how many windows have any. */
export const createWindowMaker =
  ({ sql, registry, stocks }: Parts) =>
  async (stretch: Stretch, pace: Pace): Promise<number> => {
    const { source, shelf, origin, from, to, again } = stretch
    const windows = new Set<number>()
    let draft: HotDraft = new Map()
    let bytes = 0
    /** What the tier holds already. */
    const present = async (one: Series): Promise<Rows> => {
      const rows = hotRows(sql, stocks.get(shelf, source.id), from, to, one.block)
      const hot = await parseHot(rows, new Set([one.id]), pace)
      const range = { ...rangeOf(one, from, to), shelf, hot: hot.get(one.id), chunks: true }
      const pieces: Rows[] = []
      await readOneSeries(sql, range, pace, (piece) => pieces.push(piece))
      return joinRows(pieces, range.positions.length)
    }
    const commit = () => {
      if (draft.size > 0)
        sql.transaction(() => {
          putHot(sql, stocks.get(shelf, source.id), draft)
        })
      draft = new Map()
      bytes = 0
    }
    const chunks = hasChunks(sql, origin, source.id, from, to)
    const rows = byBlock(await allHotRows(sql, stocks.get(origin, source.id), from, to, pace))
    for (const [block, series] of byBlock(registry.seriesOf(source))) {
      const wanted = new Set(series.map((one) => one.id))
      const hot = await parseHot(rows.get(block) ?? [], wanted, pace)
      for (const one of series) {
        const range = rangeOf(one, from, to)
        const folder = createFolder(shelf.windowMs, one.measurement.folds, ALL, sevenDigits)
        const origins = { ...range, shelf: origin, hot: hot.get(one.id), chunks }
        await readOneSeries(sql, origins, pace, folder.add)
        const folded = folder.finish()
        if (folded.at.length === 0) continue
        const before = again ? await present(one) : undefined
        bytes += addWindows(draft, one, folded, before, origin.tier === 'raw', windows)
        if (bytes > BYTES_PER_COMMIT) commit()
        if (pace.due()) await pace.rest()
      }
    }
    commit()
    return windows.size
  }

const rangeOf = (series: Series, from: number, to: number) => ({
  series: series.id,
  positions: series.measurement.fields.map((_, position) => position),
  parts: ALL,
  from,
  to,
})

/** Adds the windows of a series to a draft; returns about how many bytes of text they will be. */
const addWindows = (
  draft: HotDraft,
  series: Series,
  folded: Rows,
  before: Rows | undefined,
  exact: boolean,
  windows: Set<number>,
): number => {
  let bytes = 0
  for (let row = 0; row < folded.at.length; row++) {
    const time = folded.at[row] ?? 0
    const cells: Cells = []
    folded.columns.forEach((column, position) => {
      const value = column?.value[row] ?? Number.NaN
      if (column === undefined || Number.isNaN(value)) return
      const n = column.n?.[row]
      const least = before === undefined ? 0 : countAt(before, position, time)
      // What was made of raw rows is better than the same made of rounded means.
      if (n !== undefined && (n < least || (n === least && !exact))) return
      const [min, max] = [column.min?.[row] ?? value, column.max?.[row] ?? value]
      cells[position] = n === undefined ? value : [value, min, max, n]
      bytes += n === undefined ? 10 : 30
    })
    if (cells.length === 0) continue
    Object.assign(cellsOf(draft, time, series.block, series.id), cells)
    windows.add(time)
  }
  return bytes
}

const countAt = (rows: Rows, position: number, time: number): number => {
  const row = lowerBound(rows.at, time)
  return rows.at[row] === time ? (rows.columns[position]?.n?.[row] ?? 0) : 0
}
