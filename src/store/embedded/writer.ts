import { AppError } from '../../app-error.ts'
import type { Dataset } from '../../catalog/datasets.ts'
import type { Clock } from '../../points/clock.ts'
import { windowStart } from '../../points/instant.ts'
import type { Point } from '../../points/point.ts'
import { runtimeFailure, type Sql } from './database.ts'
import type { HealthBook } from './health.ts'
import { cellsOf, putHot, type HotDraft } from './hot.ts'
import type { Registry } from './registry.ts'
import { rawShelf, ROLLUPS, type Shelf } from './shelves.ts'
import type { Stock, Stocks } from './stocks.ts'
import { validate } from '../validate.ts'

type Batch = {
  readonly dataset: Dataset
  readonly shelf: Shelf
  readonly points: readonly Point[]
  readonly done: () => void
  readonly failed: (error: unknown) => void
}

/** One transaction takes up to this many points; more would hold the event loop for long. */
const POINTS_PER_COMMIT = 5_000

type Parts = {
  readonly sql: Sql
  readonly registry: Registry
  readonly stocks: Stocks
  readonly clock: Clock
  readonly health: HealthBook
}

/** Takes points. The batches of one turn of the event loop share a transaction, and so a wait for the disk. */
export const createWriter = ({ sql, registry, stocks, clock, health }: Parts) => {
  let queue: Batch[] = []
  let flushing: Promise<void> = Promise.resolve()
  let written = 0
  let refused = 0

  const write = (dataset: Dataset, points: readonly Point[]): Promise<void> => {
    const shelf = rawShelf(dataset)
    try {
      if (shelf === undefined)
        throw new AppError({
          code: 'invalid',
          detail: `${dataset} holds records: no point can be written to it.`,
        })
      validate(dataset, points)
    } catch (error) {
      refused += points.length
      return Promise.reject(error)
    }
    if (points.length === 0) return Promise.resolve()
    return new Promise((done, failed) => {
      queue.push({ dataset, shelf, points, done, failed })
      if (queue.length === 1)
        flushing = new Promise((flushed) => {
          setImmediate(() => {
            flush()
            flushed()
          })
        })
    })
  }

  const flush = () => {
    const batches = queue
    queue = []
    let first = 0
    while (first < batches.length) {
      let last = first
      let points = 0
      do {
        points += batches[last]?.points.length ?? 0
        last += 1
      } while (last < batches.length && points < POINTS_PER_COMMIT)
      commit(batches.slice(first, last))
      first = last
    }
  }

  const commit = (batches: readonly Batch[]) => {
    try {
      sql.transaction(() => {
        for (const batch of batches) put(batch)
      })
    } catch (error) {
      if (batches.length > 1) {
        // One bad batch must not take its neighbours down.
        for (const batch of batches) commit([batch])
        return
      }
      const failure = runtimeFailure(error)
      if (failure.code === 'unavailable') health.failed(failure)
      for (const batch of batches) {
        refused += batch.points.length
        batch.failed(failure)
      }
      return
    }
    health.worked()
    for (const batch of batches) {
      written += batch.points.length
      batch.done()
    }
  }

  const put = ({ dataset, shelf, points }: Batch) => {
    const drafts = new Map<number, HotDraft>()
    for (const point of points) {
      if (!hasValue(point)) continue
      const series = registry.ensureSeries(dataset, point.measurement, point.tags, point.at)
      const draft = drafts.get(series.source.id) ?? new Map()
      if (draft.size === 0) drafts.set(series.source.id, draft)
      const cells = cellsOf(draft, point.at, series.block, series.id)
      for (const field in point.fields) {
        const value = point.fields[field]
        if (value === null || value === undefined) continue
        const position =
          series.measurement.positions.get(field) ?? registry.ensureField(series.measurement, field)
        cells[position] = value
      }
    }
    for (const [source, draft] of drafts) {
      putHot(sql, stocks.get(shelf, source), draft)
      if (dataset === 'metrics') soil(source, draft)
    }
  }

  /** A window that is rolled up already, or just now, has to be rolled up again. */
  const soil = (source: number, draft: HotDraft) => {
    for (const shelf of ROLLUPS) {
      const stock: Stock = stocks.get(shelf, source)
      for (const time of draft.keys())
        if (time < stock.claimedTo)
          stocks.soil(stock, windowStart(time, shelf.windowMs), clock.monotonic())
    }
  }

  return {
    write,
    /** Resolves when everything that was handed over so far is written or refused. */
    settled: () => flushing,
    written: () => written,
    refused: () => refused,
  }
}

const hasValue = ({ fields }: Point): boolean => {
  for (const field in fields) if (fields[field] !== null && fields[field] !== undefined) return true
  return false
}
