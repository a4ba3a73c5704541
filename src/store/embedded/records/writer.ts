import type { RecordDataset } from '../../../catalog/records.ts'
import type { NewRecord } from '../../../points/record.ts'
import { validateRecords } from '../../validate.ts'
import { runtimeFailure, type Sql } from '../database.ts'
import type { HealthBook } from '../health.ts'
import { createInserter, type NewRow } from './inserter.ts'
import type { createNumbers } from './numbers.ts'
import type { RecordSeriesEntry, SeriesBook } from './series-book.ts'
import { RECORD_TABLES, type RecordTable } from './tables.ts'
import type { TextIndex } from './text-index.ts'

type Batch = {
  readonly dataset: RecordDataset
  readonly records: readonly NewRecord[]
  readonly done: () => void
  readonly failed: (error: unknown) => void
}

/** One transaction takes up to this many records; more would hold the event loop for long. */
const RECORDS_PER_COMMIT = 5_000

type Parts = {
  readonly sql: Sql
  readonly book: SeriesBook
  readonly numbers: ReturnType<typeof createNumbers>
  readonly index: TextIndex
  readonly health: HealthBook
}

/** Takes records. The batches of one turn of the event loop share a transaction, and so a wait for the disk. */
export const createRecordWriter = ({ sql, book, numbers, index, health }: Parts) => {
  const inserters = {
    events: createInserter(sql, RECORD_TABLES.events),
    journal: createInserter(sql, RECORD_TABLES.journal),
    logs: createInserter(sql, RECORD_TABLES.logs),
  } satisfies Record<RecordDataset, unknown>
  let queue: Batch[] = []
  let flushing: Promise<void> = Promise.resolve()
  let written = 0
  let refused = 0

  const append = (dataset: RecordDataset, given: readonly NewRecord[]): Promise<void> => {
    let records: readonly NewRecord[]
    try {
      records = validateRecords(given)
    } catch (error) {
      refused += given.length
      return Promise.reject(error)
    }
    if (records.length === 0) return Promise.resolve()
    return new Promise((done, failed) => {
      queue.push({ dataset, records, done, failed })
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
      let records = 0
      do {
        records += batches[last]?.records.length ?? 0
        last += 1
      } while (last < batches.length && records < RECORDS_PER_COMMIT)
      commit(batches.slice(first, last))
      first = last
    }
  }

  const commit = (batches: readonly Batch[]) => {
    try {
      sql.transaction(() => {
        for (const dataset of Object.keys(inserters) as RecordDataset[])
          put(
            dataset,
            batches.filter((batch) => batch.dataset === dataset).flatMap(({ records }) => records),
          )
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
        refused += batch.records.length
        batch.failed(failure)
      }
      return
    }
    health.worked()
    for (const batch of batches) {
      written += batch.records.length
      batch.done()
    }
  }

  const put = (dataset: RecordDataset, records: readonly NewRecord[]) => {
    if (records.length === 0) return
    const table = RECORD_TABLES[dataset]
    const { insertAll, insertNew } = inserters[dataset]
    // Those that bring their number come first: one that is counted here takes the next if it is taken.
    const own = records.filter(({ seq }) => seq !== undefined)
    const counted = records.filter(({ seq }) => seq === undefined)
    const added = insertNew(own.map((record) => rowOf(dataset, table, record)))
    const rows = counted.map((record) => rowOf(dataset, table, record))
    insertAll(rows)
    const touched = new Set<RecordSeriesEntry>()
    for (const list of [added, rows])
      for (const row of list) {
        const { series, time } = row
        series.first = Math.min(series.first, time)
        series.last = Math.max(series.last, time)
        series.count += 1
        series.bytes += bytesOf(row, table)
        touched.add(series)
      }
    for (const series of touched) book.save(series)
  }

  const rowOf = (
    dataset: RecordDataset,
    table: RecordTable,
    { measurement, tags, at, seq, fields }: NewRecord,
  ): NewRow => {
    const series = book.ensure(dataset, measurement, tags, soleNumber(fields))
    const values = table.valuesOf(fields, series)
    return {
      series,
      time: at,
      seq: seq ?? numbers.take(),
      values: dataset === 'logs' ? [index.nextId(), ...values] : values,
    }
  }

  return {
    append,
    /** Resolves when everything that was handed over so far is stored or refused. */
    settled: () => flushing,
    written: () => written,
    refused: () => refused,
  }
}

const soleNumber = (fields: NewRecord['fields']): string | null => {
  const [first, ...others] = Object.keys(fields)
  return first !== undefined && others.length === 0 && typeof fields[first] === 'number'
    ? first
    : null
}

const bytesOf = ({ values }: NewRow, { overhead }: RecordTable): number =>
  values.reduce<number>(
    (sum, value) => sum + (typeof value === 'string' ? value.length : 0),
    overhead,
  )
