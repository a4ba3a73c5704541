import { AppError } from '../../../app-error.ts'
import type { RecordDataset } from '../../../catalog/records.ts'
import { instant } from '../../../points/instant.ts'
import type { Clock } from '../../../points/clock.ts'
import type { RecordStore } from '../../records.ts'
import type { Extent } from '../../store.ts'
import { runtimeFailure, type Sql } from '../database.ts'
import type { HealthBook } from '../health.ts'
import type { Pace } from '../pace.ts'
import { createFinder } from './finder.ts'
import { createNumbers } from './numbers.ts'
import { createRecordRemover } from './remover.ts'
import { createRecordRetention } from './retention.ts'
import { createSeriesBook } from './series-book.ts'
import { createTextIndex } from './text-index.ts'
import { createValues } from './values.ts'
import { createRecordWriter } from './writer.ts'

type Parts = {
  readonly sql: Sql
  readonly clock: Clock
  readonly health: HealthBook
  readonly trustedFor: () => number
  /** For one question. */
  readonly pace: () => Pace
  /** How the store runs a question: refused where it is closed, its failures as sentences; `close` waits for it. */
  readonly answer: <T>(ask: () => T | Promise<T>) => Promise<T>
  /** The same for what changes something. */
  readonly change: <T>(work: () => T | Promise<T>) => Promise<T>
  /** Work that changes something in steps, one after the other. */
  readonly exclusive: <T>(work: (pace: Pace) => Promise<T>) => Promise<T>
  /** Throws where the store is closed; beside a server, catches up with what it has written. */
  readonly check: () => void
}

/** The records in a series file: events, moods, client samples, log lines. */
export const openRecords = (parts: Parts) => {
  const { clock, health, trustedFor, pace, answer, change, exclusive, check } = parts
  const reload = () => {
    book.reload()
    numbers.reload()
    index.reload()
  }
  const sql: Sql = {
    ...parts.sql,
    transaction: (work) => {
      try {
        return parts.sql.transaction(work)
      } catch (error) {
        // What was prepared in memory never came to be.
        reload()
        throw error
      }
    },
  }
  const book = createSeriesBook(sql)
  const numbers = createNumbers(sql)
  const index = createTextIndex(sql)
  const writer = createRecordWriter({ sql, book, numbers, index, health })
  const find = createFinder({ sql, book, index, pace })
  const values = createValues({ sql, book, pace, check })
  const remover = createRecordRemover({ sql, book, index })
  const retention = createRecordRetention({ sql, book, remover, clock, trustedFor })

  const records: RecordStore = {
    append: (dataset, list) => change(() => writer.append(dataset, list)),
    find: (query) => answer(() => find(query)),
    values: async function* (selection, field) {
      try {
        yield* values(selection, field)
      } catch (error) {
        throw runtimeFailure(error)
      }
    },
    series: (dataset, measurement, tags) =>
      answer(() =>
        book
          .matching(dataset, measurement, tags)
          .toSorted((a, b) => (a.text < b.text ? -1 : 1))
          .map((one) => ({
            tags: one.tags,
            first: instant(one.first),
            last: instant(one.last),
            count: one.count,
          })),
      ),
    remove: (dataset, measurement, tags) =>
      exclusive(async (steps) => {
        if (Object.keys(tags).length === 0)
          throw new AppError({
            code: 'invalid',
            detail: 'Name a tag: records are removed by their tags.',
          })
        for (const series of book.matching(dataset, measurement, tags))
          await remover.cut(series, Infinity, steps)
      }),
  }

  return {
    records,
    isDue: index.isDue,
    /** What the records need now and then; a failure is a problem of the store's health until a later run works. */
    maintain: async (steps: Pace): Promise<void> => {
      try {
        await index.run(steps)
        health.note('log index', undefined)
      } catch (error) {
        health.note('log index', runtimeFailure(error).message)
      }
    },
    retention,
    index,
    reload,
    settled: writer.settled,
    written: writer.written,
    refused: writer.refused,
    /** What the records of a dataset take, or all of them, estimated. */
    bytes: (dataset?: RecordDataset): number => sizeOf(dataset).bytes,
    /** All but the bytes as they are on the disk. */
    extent: (dataset: RecordDataset): Omit<Extent, 'bytes'> => {
      const { first, last, count } = sizeOf(dataset)
      return {
        oldest: count === 0 ? null : instant(first),
        newest: count === 0 ? null : instant(last),
        points: count,
      }
    },
  }

  function sizeOf(dataset?: RecordDataset) {
    const size = { first: Infinity, last: -Infinity, count: 0, bytes: 0 }
    for (const series of dataset === undefined ? book.all() : book.ofDataset(dataset)) {
      size.first = Math.min(size.first, series.first)
      size.last = Math.max(size.last, series.last)
      size.count += series.count
      size.bytes += series.bytes
    }
    return size
  }
}
