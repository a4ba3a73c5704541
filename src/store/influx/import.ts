import { AppError } from '../../app-error.ts'
import type { Tier } from '../../catalog/tiers.ts'
import { DAY, HOUR, instant, SECOND, windowCeil, type TimeRange } from '../../points/instant.ts'
import { createLineWriter } from '../../points/line-protocol.ts'
import type { Point } from '../../points/point.ts'
import { nodeDisk } from '../../spool/disk.ts'
import type { HistoryImport, HistoryPart, HistoryStretch } from '../history-import.ts'
import { BESIDE, type SeriesColumns } from '../range-query.ts'
import { bucketName, findShelf, type Shelf } from './buckets.ts'
import { createConnection } from './connection.ts'
import { createDelivery } from './deliver.ts'
import { ALL_TIME, createEnds } from './ends.ts'
import { spanOf } from './extent.ts'
import { source } from './flux-text.ts'
import {
  asStored,
  freshRows,
  freshWindows,
  notBefore,
  valuesIn,
  type Fresh,
} from './import-rows.ts'
import { createPatience, createSending, type PatienceOptions } from './import-send.ts'
import { cutOf, isRawMetrics } from './keeping.ts'
import { storable } from './names.ts'
import { lookAround, type BesideOptions } from './open-beside.ts'
import type { Collector } from './queries.ts'
import { createReader } from './read.ts'
import { createRebuild } from './rebuild.ts'
import { createTimeReader } from './rfc3339.ts'
import { createRecordLines } from './records/lines.ts'
import { conditionsOf, seriesScript } from './records/scripts.ts'
import { collectSeries } from './records/series.ts'
import { createRollups } from './rollups.ts'
import { openState } from './state.ts'

export type ImportOptions = BesideOptions &
  Pick<PatienceOptions, 'wait' | 'check' | 'onWait' | 'patienceMs'>

/** Counted at once: enough days for few scripts, few enough for its deadline. */
const DAYS_COUNTED = 16

/**
 * Opens InfluxDB to copy history into it, beside a server of PerfWatch that is running or not, with the tokens that
 * it has left in the folder. Throws an AppError `setup` where a server has not been yet.
 */
export const openInfluxImport = async (options: ImportOptions): Promise<HistoryImport> => {
  const { server, folder, clock } = options
  const { prefix } = server
  const connection = createConnection(server)
  const { reading, rolling } = connection
  const { buckets } = await lookAround(options, nodeDisk, connection.use)
  const state = await openState(nodeDisk, folder)
  const patiently = createPatience({
    ...options,
    monotonic: clock.monotonic,
    isHopeless: () => connection.refused().size > 0,
  })
  const send = createSending(patiently)
  const toLine = createLineWriter()
  const toRecordLine = createRecordLines()
  const linesOf = (points: readonly Point[]) =>
    points.flatMap((point) => toLine(storable(point)) ?? [])
  const { read } = createReader({ queries: reading, prefix, horizon: () => null })
  const shelfOf = ({ dataset, tier }: HistoryPart): Shelf => {
    const shelf = findShelf(dataset, tier)
    if (shelf === undefined) throw new Error(`There is no bucket for ${dataset} ${tier}.`)
    return shelf
  }

  const delivery = (shelf: Shelf) =>
    shelf.tier === 'raw'
      ? connection.deliver(bucketName(prefix, shelf))
      : createDelivery({
          client: () => connection.client('roller'),
          url: server.url,
          org: server.org,
          bucket: bucketName(prefix, shelf),
        })

  /**
   * Raw rows by whole hours: of half an hour a window would be made that is poorer than the one that is copied. And an
   * hour later than InfluxDB would cut, which goes on while we copy.
   */
  const keepsFrom = (part: HistoryPart) => {
    const keeping = buckets.get(shelfOf(part))?.keeping
    if (keeping === undefined || keeping.everySeconds === 0) return null
    const cut = clock.now() - keeping.everySeconds * SECOND
    return isRawMetrics(part) ? windowCeil(cut + HOUR, HOUR) : instant(cut)
  }

  /** What is there of a stretch, and what is missing; by halves where that is more than an answer may hold. */
  const compare = async (
    stretch: HistoryStretch,
    rows: readonly SeriesColumns[],
  ): Promise<readonly Fresh[]> => {
    const { rows: _, range, ...asked } = stretch
    const isRaw = stretch.tier === 'raw'
    try {
      const question = { ...asked, range, beside: isRaw ? [] : BESIDE }
      const there = await patiently(() => read(question))
      return [isRaw ? freshRows(rows, there) : freshWindows(rows, there)]
    } catch (error) {
      const middle = instant((range.from + range.to) / 2)
      const tooMany = error instanceof AppError && error.code === 'invalid'
      if (!tooMany || middle === range.from) throw error
      const halves = [
        { from: range.from, to: middle },
        { from: middle, to: range.to },
      ]
      const found: Fresh[] = []
      for (const half of halves)
        found.push(...(await compare({ ...stretch, range: half }, within(rows, half))))
      return found
    }
  }

  const ends = () => createEnds({ queries: reading, prefix, clock })
  let closed = false
  let rollups: ReturnType<typeof createRollups> | undefined
  const openRollups = () => {
    const book = ends()
    return createRollups({
      queries: rolling,
      prefix,
      clock,
      // the marks are the server's to move, and what is dirty stays so until it has rolled it up itself
      state: { ...state, setMark: () => {}, save: async () => {} },
      dirt: { dirtyHours: () => new Map(), clean: () => {} },
      rawHorizon: () => {
        const keeping = buckets.get(shelfOf({ dataset: 'metrics', tier: 'raw' }))?.keeping
        const cut = keeping === undefined ? -Infinity : cutOf(keeping, clock.now())
        return Math.max(state.rawCut(), cut)
      },
      ends: async (tier: Tier) =>
        spanOf([...(await book.byHost(shelfOf({ dataset: 'metrics', tier }))).values()]),
      rebuild: createRebuild({
        read: createReader({ queries: rolling, prefix, horizon: () => null }).read,
        client: () => connection.client('roller'),
        server,
      }),
      onRolled: () => {},
    })
  }

  return {
    identity: [...buckets]
      .map(([shelf, { id }]) => `${bucketName(prefix, shelf)} ${id}`)
      .toSorted()
      .join(),
    keepsFrom,
    put: async (stretch) => {
      const shelf = shelfOf(stretch)
      const { rows, tooOld } = notBefore(asStored(stretch.rows), keepsFrom(stretch))
      if (rows.length === 0) return { values: 0, tooOld, refused: 0, beside: false }
      const deliver = delivery(shelf)
      let taken = { values: 0, tooOld, refused: 0, beside: false }
      for (const { points, kept, beside } of await compare(stretch, rows)) {
        const sent = await send(deliver, linesOf(points))
        taken = {
          ...taken,
          ...sent,
          values: taken.values + valuesIn(points) + kept,
          tooOld: taken.tooOld + sent.tooOld,
          refused: taken.refused + sent.refused,
          beside: taken.beside || beside,
        }
      }
      return taken
    },
    putRecords: async (dataset, records) => {
      const deliver = delivery(shelfOf({ dataset, tier: 'raw' }))
      const lines = records.map(toRecordLine)
      return send(deliver, lines)
    },
    recordCount: async (dataset, measurement) => {
      const conditions = conditionsOf({ dataset, measurement, tags: {} })
      if (conditions === undefined) return 0
      const script = seriesScript(prefix, dataset, conditions, ALL_TIME)
      const series = await patiently(() => reading.ask(script, collectSeries))
      return series.reduce((sum, { count }) => sum + count, 0)
    },
    valuesByDay: async (part, { from, to }) => {
      const found = new Map<number, number>()
      for (let at = from; at < to; at = instant(at + DAYS_COUNTED * DAY)) {
        const range = { from: at, to: instant(Math.min(to, at + DAYS_COUNTED * DAY)) }
        const script = dayCountScript(prefix, shelfOf(part), range)
        for (const [day, values] of await patiently(() => reading.ask(script, collectDays)))
          found.set(day, values)
      }
      return found
    },
    rollUp: (range) => {
      rollups ??= openRollups()
      if (closed) rollups.stop()
      return patiently(() => rollups?.rollRange(range) ?? Promise.resolve(0))
    },
    close: async () => {
      closed = true
      rollups?.stop()
    },
  }
}

const within = (rows: readonly SeriesColumns[], { from, to }: TimeRange) =>
  notBefore(rows, from).rows.flatMap((one): SeriesColumns[] => {
    const end = one.at.findIndex((at) => at >= to)
    return end === 0 ? [] : [end === -1 ? one : before(one, end)]
  })

const before = (one: SeriesColumns, end: number): SeriesColumns => ({
  ...one,
  at: one.at.subarray(0, end),
})

/** All values of a bucket, by day; storage counts, for each series and field. */
export const dayCountScript = (prefix: string, shelf: Shelf, range: TimeRange): string =>
  `${source(bucketName(prefix, shelf), range, ['r["_measurement"] != ""'])}
    |> aggregateWindow(every: 1d, fn: count, timeSrc: "_start", createEmpty: false)
    |> keep(columns: ["_time", "_value"])
    |> group(columns: ["_time"])
    |> sum()
    |> group()`

const collectDays = (): Collector<ReadonlyMap<number, number>> => {
  const days = new Map<number, number>()
  const readTime = createTimeReader()
  return {
    row: (values, meta) => {
      const of = (label: string) =>
        values[meta.columns.find((one) => one.label === label)?.index ?? -1] ?? ''
      days.set(readTime(of('_time')), Number(of('_value')))
    },
    answer: () => days,
  }
}
