import { AppError } from '../../app-error.ts'
import { BrokenChunk } from './codec/bytes.ts'
import type { OpenBlobs } from './chunk-cache.ts'
import type { Parts, Rows } from '../rows.ts'
import { openChunk } from './codec/chunk.ts'
import { blobAt, blobOrNullAt, numberAt, type Sql, type SqlRow } from './database.ts'
import type { Pace } from './pace.ts'
import { chunkRows, hotSeriesRows, lowerBound, overlay, sliceRows, type HotSeries } from './rows.ts'
import type { Shelf } from './shelves.ts'

export type SeriesRange = {
  readonly shelf: Shelf
  readonly series: number
  /** The columns wanted, in this order. */
  readonly positions: readonly number[]
  readonly parts: Parts
  readonly from: number
  readonly to: number
  /**
   * The hot rows of the range, read BEFORE the chunks: rows only ever move from hot into chunks, so nothing can
   * slip through between the two, however often the reader gives way.
   */
  readonly hot: HotSeries | undefined
  /** False: there was no chunk when the hot rows were read, so nothing has to be looked up. */
  readonly chunks: boolean
  /** How chunks are opened; without it each is decoded anew. */
  readonly open?: OpenBlobs
}

const PAGE = 64

/** Hands the rows of one series to `sink`, ascending, each instant once; a hot row counts field by field. */
export const readSeries = async (
  sql: Sql,
  range: SeriesRange,
  pace: Pace,
  sink: (rows: Rows) => void,
): Promise<void> => {
  const { positions, parts, from, to } = range
  let hot = range.hot === undefined ? undefined : hotSeriesRows(range.hot, positions, parts)
  let after = from
  const emit = (rows: Rows) => {
    // A chunk that was split since the page before brings some rows twice.
    const fresh = sliceRows(rows, after, to)
    const last = fresh.at.at(-1)
    if (last === undefined) return
    after = last + 1
    sink(fresh)
  }
  let cursor = from - range.shelf.chunkMs
  while (range.chunks) {
    const page = chunkPage(sql, range, cursor)
    for (let i = 0; i < Math.min(page.length, PAGE); i++) {
      const row = page[i]
      if (row === undefined) break
      const next = page[i + 1]
      cursor = numberAt(row, 0)
      const end = next === undefined ? Infinity : numberAt(next, 0)
      const chunk = decoded(row, range)
      const beside = hot === undefined ? undefined : sliceRows(hot, -Infinity, end)
      if (beside === undefined || beside.at.length === 0) emit(chunk)
      else {
        hot = hot && sliceRows(hot, end, Infinity)
        if ((beside.at[0] ?? 0) > (chunk.at.at(-1) ?? 0)) {
          emit(chunk)
          emit(beside)
        } else emit(overlay(chunk, beside))
      }
      if (pace.due()) await pace.rest()
    }
    if (page.length <= PAGE) break
  }
  if (hot !== undefined && lowerBound(hot.at, to) > 0) emit(hot)
}

/** One row more than a page: where the next chunk begins. */
const chunkPage = (sql: Sql, { shelf, series, parts, from, to }: SeriesRange, cursor: number) =>
  sql.all(parts.spread ? WITH_SPREAD : PLAIN, [shelf.id, series, cursor, to, from, PAGE + 1])

const pageOf = (columns: string) =>
  `SELECT t0, id, ${columns} FROM chunk
   WHERE tier = ? AND series = ? AND t0 > ? AND t0 < ? AND t1 >= ? ORDER BY t0 LIMIT ?`
const PLAIN = pageOf('main')
const WITH_SPREAD = pageOf('main, spread')

const decoded = (row: SqlRow, { positions, parts, open = openAnew }: SeriesRange): Rows => {
  try {
    const spread = parts.spread ? blobOrNullAt(row, 3) : null
    return chunkRows(open(numberAt(row, 1), blobAt(row, 2), spread), positions)
  } catch (error) {
    throw brokenChunk(error, numberAt(row, 1))
  }
}

const openAnew: OpenBlobs = (_id, main, spread) => openChunk(main, spread)

/** The failure of a chunk that cannot be decoded; other errors as they are. */
export const brokenChunk = (error: unknown, id: number): unknown =>
  error instanceof BrokenChunk
    ? new AppError({
        code: 'unavailable',
        detail: `Chunk ${id} of series.db is damaged: stop the server and restore a backup, or delete that row of the table chunk.`,
        cause: error,
      })
    : error
