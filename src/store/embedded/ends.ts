import { numberAt, type Sql } from './database.ts'
import type { Shelf } from './shelves.ts'
import type { Stock } from './stocks.ts'

/** The first row of a stock at or after `from`; where a chunk reaches over it, `from` itself. Undefined: none. */
export const firstRow = (sql: Sql, stock: Stock, from: number): number | undefined => {
  const { shelf, source, hot } = stock
  const least = Math.max(from, Number.MIN_SAFE_INTEGER)
  const inHot =
    hot.rows === 0 || hot.newest < from
      ? undefined
      : sql.first('SELECT time FROM hot WHERE tier = ? AND grp = ? AND time >= ? LIMIT 1', [
          shelf.id,
          source,
          least,
        ])
  const inChunk = sql.first(
    `SELECT t0 FROM chunk WHERE tier = ? AND grp = ? AND t0 > ? AND t1 >= ? ORDER BY t0 LIMIT 1`,
    [shelf.id, source, Math.max(from - shelf.chunkMs, Number.MIN_SAFE_INTEGER), least],
  )
  const first = Math.min(
    inHot === undefined ? Infinity : numberAt(inHot, 0),
    inChunk === undefined ? Infinity : Math.max(numberAt(inChunk, 0), from),
  )
  return first === Infinity ? undefined : first
}

/** The last row in chunks; undefined: none. */
export const lastChunkRow = (sql: Sql, shelf: Shelf, source: number): number | undefined => {
  const last = sql.first('SELECT max(t0) FROM chunk WHERE tier = ? AND grp = ?', [shelf.id, source])
  if (last === undefined || last[0] === null) return undefined
  // Whatever ends later than the last chunk begins within its span.
  const row = sql.first('SELECT max(t1) FROM chunk WHERE tier = ? AND grp = ? AND t0 > ?', [
    shelf.id,
    source,
    numberAt(last, 0) - shelf.chunkMs,
  ])
  return row === undefined ? undefined : numberAt(row, 0)
}

/** Whether any chunk of a source can have rows with `from <= time < to`. */
export const hasChunks = (
  sql: Sql,
  shelf: Shelf,
  source: number,
  from: number,
  to: number,
): boolean =>
  sql.first('SELECT 1 FROM chunk WHERE tier = ? AND grp = ? AND t0 > ? AND t0 < ? LIMIT 1', [
    shelf.id,
    source,
    from - shelf.chunkMs,
    to,
  ]) !== undefined
