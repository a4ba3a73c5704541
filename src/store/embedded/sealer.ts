import { byBlock } from './by-block.ts'
import type { Rows } from '../rows.ts'
import { createChunkWriter } from './chunk-writer.ts'
import type { Sql } from './database.ts'
import { allHotRows, deleteHot, hotKey, type HotRow } from './hot.ts'
import { parseHot } from './hot-series.ts'
import type { Pace } from './pace.ts'
import type { Registry, Source } from './registry.ts'
import { hotSeriesRows, lowerBound, sliceRows } from './rows.ts'
import type { Shelf } from './shelves.ts'
import type { Stock, Stocks } from './stocks.ts'

type Parts = { readonly sql: Sql; readonly registry: Registry; readonly stocks: Stocks }

/** A step of a millisecond or two also where a row fills a page. */
const ROWS_PER_DELETE = 125

export type Seal = ReturnType<typeof createSealer>

/**
 * Seals the hot rows of a source before `before` into the compressed chunks of their spans. The chunks are written
 * first and the hot rows deleted then, in small steps: whatever happens in between, each row is there, at worst
 * twice and equal. Rows that are written meanwhile stay hot.
 */
export const createSealer =
  ({ sql, registry, stocks }: Parts) =>
  async (source: Source, shelf: Shelf, before: number, pace: Pace): Promise<void> => {
    const stock = stocks.get(shelf, source.id)
    const touched = new Set<string>()
    stock.touched = touched
    try {
      const rows = await allHotRows(sql, stock, -Infinity, before, pace)
      const blocks = byBlock(registry.seriesOf(source))
      const chunks = createChunkWriter(sql, stocks, stock)
      for (const [block, hot] of byBlock(rows)) {
        const series = blocks.get(block) ?? []
        const parsed = await parseHot(hot, new Set(series.map((one) => one.id)), pace)
        for (const one of series) {
          const own = parsed.get(one.id)
          if (own === undefined) continue
          const positions = one.measurement.fields.map((_, position) => position)
          const spans = spansOf(hotSeriesRows(own, positions, ALL), shelf.chunkMs)
          if (pace.due()) await pace.rest()
          for (const span of spans) await chunks.merge(one.id, positions, span, pace)
        }
      }
      chunks.commit()
      if (pace.due()) await pace.rest()
      sql.transaction(() => {
        registry.saw(source, stock.newest)
      })
      await remove(sql, stocks, stock, rows, touched, pace)
      stock.sealedTo = before
    } finally {
      stock.touched = undefined
    }
  }

const ALL = { spread: true }

/** Deletes the rows that are in chunks now, but for those that were written meanwhile. */
const remove = async (
  sql: Sql,
  stocks: Stocks,
  stock: Stock,
  rows: readonly HotRow[],
  touched: ReadonlySet<string>,
  pace: Pace,
) => {
  for (let first = 0; first < rows.length; first += ROWS_PER_DELETE) {
    const slice = rows
      .slice(first, first + ROWS_PER_DELETE)
      .filter((row) => !touched.has(hotKey(row.time, row.block)))
    sql.transaction(() => {
      deleteHot(sql, stock, slice)
    })
    if (pace.due()) await pace.rest()
  }
  stocks.measureHot(stock)
}

const spansOf = (rows: Rows, spanMs: number): readonly Rows[] => {
  const spans: Rows[] = []
  let first = 0
  while (first < rows.at.length) {
    const start = Math.floor((rows.at[first] ?? 0) / spanMs) * spanMs
    spans.push(sliceRows(rows, rows.at[first] ?? 0, start + spanMs))
    first = lowerBound(rows.at, start + spanMs)
  }
  return spans
}
