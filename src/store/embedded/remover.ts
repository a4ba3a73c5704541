import { numberAt, numberOrNullAt, type Sql } from './database.ts'
import { deleteHot, hotPage } from './hot.ts'
import type { Pace } from './pace.ts'
import type { Stock, Stocks } from './stocks.ts'

type Size = { readonly points: number; readonly bytes: number }

/** Steps of a few milliseconds. */
const CHUNKS_PER_STEP = 100
const CHUNKS_PER_COUNT = 1_000
const ROWS_PER_STEP = 250

/** Deletes and counts the rows of a stock before an instant. */
export const createRemover = ({ sql, stocks }: { readonly sql: Sql; readonly stocks: Stocks }) => {
  /** Chunks that end before `cut`, oldest first: a chunk is deleted when its last row is. */
  const chunksBefore = (stock: Stock, cut: number) =>
    sql
      .all(
        `SELECT id, n, length(main) + coalesce(length(spread), 0) FROM chunk
         WHERE tier = ? AND grp = ? AND t0 < ? AND t1 < ? ORDER BY t0 LIMIT ?`,
        [stock.shelf.id, stock.source, cut, cut, CHUNKS_PER_STEP],
      )
      .map((row) => ({ id: numberAt(row, 0), n: numberAt(row, 1), bytes: numberAt(row, 2) }))

  const cutChunks = async (stock: Stock, cut: number, pace: Pace) => {
    for (;;) {
      const chunks = chunksBefore(stock, cut)
      if (chunks.length === 0) return
      sql.transaction(() => {
        for (const { id, n, bytes } of chunks) {
          sql.run('DELETE FROM chunk WHERE id = ?', [id])
          stock.points -= n
          stock.bytes -= bytes
        }
        stocks.save(stock)
      })
      if (pace.due()) await pace.rest()
    }
  }

  const cutHot = async (stock: Stock, cut: number, pace: Pace) => {
    for (;;) {
      const rows = hotPage(sql, stock, undefined, cut, ROWS_PER_STEP)
      if (rows.length === 0) break
      sql.transaction(() => {
        deleteHot(sql, stock, rows)
      })
      stocks.measureHot(stock)
      if (pace.due()) await pace.rest()
    }
  }

  /** Hidden rows of chunks that reach over the cut are counted by their share. */
  const measureChunks = async (stock: Stock, cut: number, pace: Pace): Promise<Size> => {
    let points = 0
    let bytes = 0
    let cursor = Number.MIN_SAFE_INTEGER
    let id = 0
    for (;;) {
      const rows = sql.all(
        `SELECT t0, t1, n, length(main) + coalesce(length(spread), 0), id FROM chunk
         WHERE tier = ? AND grp = ? AND (t0 > ? OR (t0 = ? AND id > ?)) AND t0 < ?
         ORDER BY t0, id LIMIT ?`,
        [stock.shelf.id, stock.source, cursor, cursor, id, cut, CHUNKS_PER_COUNT],
      )
      for (const row of rows) {
        const [t0, t1] = [numberAt(row, 0), numberAt(row, 1)]
        const share = t1 < cut ? 1 : (cut - t0) / (t1 - t0 + 1)
        points += Math.round(numberAt(row, 2) * share)
        bytes += Math.round(numberAt(row, 3) * share)
        cursor = t0
        id = numberAt(row, 4)
      }
      if (rows.length < CHUNKS_PER_COUNT) return { points, bytes }
      if (pace.due()) await pace.rest()
    }
  }

  const measureHot = (stock: Stock, cut: number): Size => {
    if (stock.hot.oldest >= cut) return { points: 0, bytes: 0 }
    const row = sql.first(
      'SELECT sum(n), sum(length(v)) FROM hot WHERE tier = ? AND grp = ? AND time < ?',
      [stock.shelf.id, stock.source, cut],
    )
    if (row === undefined) return { points: 0, bytes: 0 }
    return { points: numberOrNullAt(row, 0) ?? 0, bytes: numberOrNullAt(row, 1) ?? 0 }
  }

  return {
    /** How much lies before `cut`. */
    measure: async (stock: Stock, cut: number, pace: Pace): Promise<Size> => {
      if (cut === -Infinity) return { points: 0, bytes: 0 }
      const chunks = await measureChunks(stock, cut, pace)
      const hot = measureHot(stock, cut)
      return { points: chunks.points + hot.points, bytes: chunks.bytes + hot.bytes }
    },
    /** Deletes what lies before `cut`, in short steps; the mark is set first. */
    cut: async (stock: Stock, cut: number, pace: Pace) => {
      if (cut === -Infinity) return
      const end = Math.min(cut, Number.MAX_SAFE_INTEGER)
      if (Number.isFinite(cut) && cut > (stock.cut ?? -Infinity))
        sql.transaction(() => {
          stock.cut = cut
          stocks.save(stock)
        })
      await cutChunks(stock, end, pace)
      await cutHot(stock, end, pace)
    },
  }
}
