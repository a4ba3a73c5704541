import { AppError } from '../../app-error.ts'
import { BrokenChunk } from './codec/bytes.ts'
import type { OpenBlobs } from './chunk-cache.ts'
import type { Parts, Rows } from '../rows.ts'
import { openChunk } from './codec/chunk.ts'
import { blobAt, blobOrNullAt, numberAt, type Sql, type SqlRow } from './database.ts'
import type { Pace } from './pace.ts'
import { chunkRows, hotSeriesRows, lowerBound, overlay, sliceRows, type HotSeries } from './rows.ts'
import type { Shelf } from './shelves.ts'

type Range = {
  readonly shelf: Shelf
  /** The columns wanted, in this order. */
  readonly positions: readonly number[]
  readonly parts: Parts
  readonly from: number
  readonly to: number
  /** False: there was no chunk when the hot rows were read, so nothing has to be looked up. */
  readonly chunks: boolean
  /** How chunks are opened; without it each is decoded anew. */
  readonly open?: OpenBlobs
}

export type SeriesRange = Range & {
  /** Ascending. */
  readonly series: readonly number[]
  /**
   * The hot rows of the range by series, read BEFORE the chunks: rows only ever move from hot into chunks, so
   * nothing can slip through between the two, however often the reader gives way.
   */
  readonly hot: ReadonlyMap<number, HotSeries>
}

/** Where the rows of one series go: ascending, each instant once; a hot row counts field by field. */
export type SeriesSink = { add(rows: Rows): void; done(): void }

/** One statement fetches so many chunks, of so many series: with one for each they cost twice as much. */
const PAGE = 64

/** Reads one series after the other into the sink that `begin` gives for it. */
export const readSeries = async (
  sql: Sql,
  range: SeriesRange,
  pace: Pace,
  begin: (series: number) => SeriesSink,
): Promise<void> => {
  const left = range.series.values()
  let merger = mergerOf(range, left.next().value, begin)
  for (const { row, series, end } of range.chunks ? chunksOf(sql, range) : []) {
    while (merger !== undefined && merger.series !== series) {
      merger.finish()
      merger = mergerOf(range, left.next().value, begin)
    }
    merger?.add(decoded(row, range), end)
    if (pace.due()) await pace.rest()
  }
  while (merger !== undefined) {
    merger.finish()
    merger = mergerOf(range, left.next().value, begin)
    if (pace.due()) await pace.rest()
  }
}

/** The same for a single series, piece by piece. */
export const readOneSeries = (
  sql: Sql,
  range: Range & { readonly series: number; readonly hot: HotSeries | undefined },
  pace: Pace,
  sink: (rows: Rows) => void,
): Promise<void> => {
  const { series, hot } = range
  const all = hot === undefined ? [] : ([[series, hot]] as const)
  return readSeries(sql, { ...range, series: [series], hot: new Map(all) }, pace, () => ({
    add: sink,
    done: () => undefined,
  }))
}

/** Puts the chunks of a series, as they come in time order, and its hot rows together. */
const mergerOf = (
  { positions, parts, from, to, hot: allHot }: SeriesRange,
  series: number | undefined,
  begin: (series: number) => SeriesSink,
) => {
  if (series === undefined) return undefined
  const sink = begin(series)
  const own = allHot.get(series)
  let hot = own === undefined ? undefined : hotSeriesRows(own, positions, parts)
  let after = from
  const emit = (rows: Rows) => {
    // A chunk that was split since the page before brings some rows twice.
    const fresh = sliceRows(rows, after, to)
    const last = fresh.at.at(-1)
    if (last === undefined) return
    after = last + 1
    sink.add(fresh)
  }
  return {
    series,
    /** `end`: where the next chunk begins. */
    add: (chunk: Rows, end: number) => {
      const beside = hot === undefined ? undefined : sliceRows(hot, -Infinity, end)
      if (beside === undefined || beside.at.length === 0) {
        emit(chunk)
        return
      }
      hot = hot && sliceRows(hot, end, Infinity)
      if ((beside.at[0] ?? 0) > (chunk.at.at(-1) ?? 0)) {
        emit(chunk)
        emit(beside)
      } else emit(overlay(chunk, beside))
    },
    finish: () => {
      if (hot !== undefined && lowerBound(hot.at, to) > 0) emit(hot)
      sink.done()
    },
  }
}

type FoundChunk = { readonly row: SqlRow; readonly series: number; readonly end: number }

/** The chunks of all series, by series and time. */
function* chunksOf(sql: Sql, range: SeriesRange): Generator<FoundChunk> {
  for (let first = 0; first < range.series.length; first += PAGE)
    yield* chunksOfSome(sql, range, range.series.slice(first, first + PAGE))
}

function* chunksOfSome(
  sql: Sql,
  range: SeriesRange,
  all: readonly number[],
): Generator<FoundChunk> {
  let [series, t0] = [-1, -1]
  for (;;) {
    // One row more than a page: where the next chunk begins.
    const page = chunkPage(sql, range, all.slice(Math.max(0, all.indexOf(series))), series, t0)
    for (let i = 0; i < Math.min(page.length, PAGE); i++) {
      const [row, next] = [page[i], page[i + 1]]
      if (row === undefined) break
      ;[series, t0] = [numberAt(row, 0), numberAt(row, 1)]
      const follows = next !== undefined && numberAt(next, 0) === series
      yield { row, series, end: follows ? numberAt(next, 1) : Infinity }
    }
    if (page.length <= PAGE) return
  }
}

const chunkPage = (
  sql: Sql,
  { shelf, parts, from, to }: SeriesRange,
  left: readonly number[],
  series: number,
  t0: number,
): readonly SqlRow[] =>
  sql.all(parts.spread ? WITH_SPREAD : PLAIN, [
    shelf.id,
    JSON.stringify(left),
    from - shelf.chunkMs,
    to,
    from,
    series,
    t0,
    PAGE + 1,
  ])

const pageOf = (columns: string) =>
  `SELECT series, t0, id, ${columns} FROM chunk
   WHERE tier = ? AND series IN (SELECT value FROM json_each(?)) AND t0 > ? AND t0 < ? AND t1 >= ?
     AND (series <> ? OR t0 > ?)
   ORDER BY series, t0 LIMIT ?`
const PLAIN = pageOf('main')
const WITH_SPREAD = pageOf('main, spread')

const decoded = (row: SqlRow, { positions, parts, open = openAnew }: SeriesRange): Rows => {
  const id = numberAt(row, 2)
  try {
    const spread = parts.spread ? blobOrNullAt(row, 4) : null
    return chunkRows(open(id, blobAt(row, 3), spread), positions)
  } catch (error) {
    throw brokenChunk(error, id)
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
