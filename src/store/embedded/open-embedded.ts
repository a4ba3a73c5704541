import { join } from 'node:path'
import { AppError } from '../../app-error.ts'
import type { Clock } from '../../points/clock.ts'
import { isRecordDataset } from '../../catalog/records.ts'
import type { RecordStore } from '../records.ts'
import type { RetentionPolicy, SeriesStore } from '../store.ts'
import { copyDatabase } from './backup.ts'
import { createClockTrust } from './clock-trust.ts'
import { createCoverage, usedBytes } from './coverage.ts'
import { pragma, runtimeFailure, type Sql } from './database.ts'
import { createHealth } from './health.ts'
import { createMaintenance } from './maintenance.ts'
import { createPace, type Pace, type PaceOptions } from './pace.ts'
import { createReader } from './reader.ts'
import { openRecords } from './records/open-records.ts'
import { createRegistry } from './registry.ts'
import { createRetention } from './retention.ts'
import { ALL_DUE, createRollups } from './rollup.ts'
import { attempt, openSeriesFile, SERIES_FILE } from './schema.ts'
import { createSealer } from './sealer.ts'
import { SHELVES } from './shelves.ts'
import { createStocks } from './stocks.ts'
import { createWriter } from './writer.ts'

export type EmbeddedOptions = {
  /** DATA_DIR; made where it is missing. */
  readonly folder: string
  readonly clock: Clock
  /** How long data is kept; without it as at the last run, at first for good. */
  readonly policy?: RetentionPolicy
  /** For a look at the folder of a server, running or not: every change is refused. */
  readonly readOnly?: boolean
  /** How long reads (4 ms) and maintenance (2 ms) hold the event loop before they give way. */
  readonly pace?: PaceOptions
}

export type EmbeddedStore = SeriesStore & {
  readonly records: RecordStore
  /** Compresses all rows and indexes all log lines now, as the store does by itself. */
  seal(): Promise<void>
}

/**
 * Opens the series store of a data folder. Does not lock the folder (`lockFolder` does). Throws an AppError `setup`
 * for a folder or a file that cannot be used.
 */
export const openEmbedded = (options: EmbeddedOptions): EmbeddedStore => {
  const { folder, clock, readOnly = false } = options
  const file = join(folder, SERIES_FILE)
  const plain = openSeriesFile(folder, readOnly)
  const { registry, stocks } = orClosed(plain, folder, () => ({
    registry: createRegistry(plain),
    stocks: createStocks(plain),
  }))
  const sql: Sql = {
    ...plain,
    transaction: (work) => {
      try {
        return plain.transaction(work)
      } catch (error) {
        // What was prepared in memory never came to be.
        registry.reload()
        stocks.reload()
        throw error
      }
    },
  }
  const health = createHealth(`${file}-wal`)
  const { trustedFor } = createClockTrust(clock)
  const keeping = createRetention({ sql, stocks, clock, trustedFor })
  const rollups = createRollups({ sql, registry, stocks, clock })
  const seal = createSealer({ sql, registry, stocks })
  const writer = createWriter({ sql, registry, stocks, clock, health })
  const { horizon } = keeping
  const reader = createReader({
    sql,
    registry,
    stocks,
    horizon,
    pace: () => createPace(options.pace),
  })
  const records = orClosed(plain, folder, () =>
    openRecords({
      sql: plain,
      clock,
      health,
      trustedFor,
      pace: () => createPace(options.pace),
      answer: (ask) => answer(() => tracked(Promise.resolve().then(ask))),
      change: (work) => answer(() => writable(work)),
      exclusive: (work) => exclusive(work),
      check: () => {
        open()
        if (readOnly) catchUp()
      },
    }),
  )
  const retention = {
    ...keeping,
    // The points' run gives the disk back what both have freed.
    run: async (rules: RetentionPolicy, pace: Pace) => [
      ...(await records.retention.run(rules, pace)),
      ...(await keeping.run(rules, pace)),
    ],
    preview: async (rules: RetentionPolicy, pace: Pace) => [
      ...(await records.retention.preview(rules, pace)),
      ...(await keeping.preview(rules, pace)),
    ],
  }
  const covers = createCoverage({ sql, registry, stocks, horizon, besides: records.bytes })
  let policy = options.policy ?? retention.policy()
  const maintenance = createMaintenance({
    clock,
    registry,
    stocks,
    rollups,
    seal,
    retention,
    health,
    policy: () => policy,
  })
  let closing: Promise<void> | undefined
  let working: Promise<unknown> = Promise.resolve()
  let isWorking = false

  const open = () => {
    if (closing !== undefined) throw unavailable('The series store is closed.')
  }
  let version = pragma(plain, 'data_version')
  /** Beside a server: what it has written since. */
  const catchUp = () => {
    const now = pragma(plain, 'data_version')
    if (now === version) return
    version = now
    registry.reload()
    stocks.reload()
    retention.reload()
    records.reload()
  }
  const answer = async <T>(ask: () => T | Promise<T>): Promise<T> => {
    open()
    try {
      if (readOnly) catchUp()
      return await ask()
    } catch (error) {
      throw runtimeFailure(error)
    }
  }
  const reads = new Set<Promise<unknown>>()
  const tracked = async <T>(read: Promise<T>): Promise<T> => {
    reads.add(read)
    try {
      return await read
    } finally {
      reads.delete(read)
    }
  }
  const writable = <T>(work: () => T): T => {
    if (readOnly) throw unavailable('The series store is open for reading only.')
    return work()
  }
  /** Work that changes what is stored, one after the other; writes go on beside it. */
  const exclusive = <T>(work: (pace: Pace) => Promise<T>): Promise<T> =>
    answer(() => {
      writable(() => undefined)
      const mine = working.then(async () => {
        isWorking = true
        try {
          return await work(createPace({ stretchMs: UPKEEP_STRETCH_MS, ...options.pace }))
        } finally {
          isWorking = false
        }
      })
      working = mine.catch(() => undefined)
      return mine
    })

  return {
    write: (dataset, points) => answer(() => writable(() => writer.write(dataset, points))),
    records: records.records,
    read: (query) => answer(() => tracked(reader.read(query))),
    coverage: (dataset, host) => answer(() => covers.coverage(dataset, host)),
    extent: (dataset, tier) =>
      answer(() =>
        isRecordDataset(dataset)
          ? { ...records.extent(dataset), bytes: covers.share(records.bytes(dataset)) }
          : covers.extent(dataset, tier),
      ),
    hosts: () => answer(covers.hosts),
    newest: (host) => answer(() => covers.newest(host)),
    measurements: (dataset) =>
      answer(() =>
        registry
          .measurements(dataset)
          .map((one) => one.name)
          .toSorted(),
      ),
    applyRetention: (rules, { preview = false } = {}) =>
      exclusive((pace) => {
        if (preview) return retention.preview(rules, pace)
        policy = rules
        return retention.run(rules, pace)
      }),
    rollUp: (range) =>
      exclusive(async (pace) => {
        if (range === undefined) return rollups.rollDue(ALL_DUE, pace)
        const windows = await rollups.rollAll(range.from, range.to, pace)
        // Who fills a store by hand writes and rolls up day after day: its hot rows must not pile up.
        await maintenance.sealLarge(pace)
        return windows
      }),
    maintain: async () => {
      open()
      trustedFor()
      if (readOnly || isWorking) return
      if (maintenance.isDue()) await exclusive(maintenance.run)
      if (records.isDue()) await exclusive(records.maintain)
    },
    seal: () =>
      exclusive(async (pace) => {
        for (const source of registry.sources())
          for (const shelf of SHELVES)
            if (shelf.dataset === source.dataset)
              await seal(source, shelf, Number.MAX_SAFE_INTEGER, pace)
        await records.index.run(pace)
      }),
    removeHost: (host) =>
      exclusive(async (pace) => {
        for (const source of registry.sources().filter((one) => one.host === host)) {
          await retention.removeAll(source.id, pace)
          sql.transaction(() => {
            // Also what was written since.
            stocks.remove(source.id)
            registry.remove(source)
          })
        }
      }),
    backup: (to) => answer(() => copyDatabase(file, to)),
    health: () => ({ kind: 'embedded', problems: health.problems() }),
    figures: () => ({
      pointsWritten: writer.written() + records.written(),
      pointsRefused: writer.refused() + records.refused(),
      windowsRolledUp: rollups.windows(),
      dirtyWindows: stocks.dirtyWindows(),
      bytes: closing === undefined ? usedBytes(sql) : 0,
      lastRetention: retention.last(),
    }),
    close: () => {
      closing ??= (async () => {
        await writer.settled()
        await records.settled()
        await working
        await Promise.allSettled(reads)
        try {
          if (!readOnly) sql.all('PRAGMA wal_checkpoint(TRUNCATE)')
        } catch {
          // On a full disk: the journal stays, and the next start goes on with it.
        }
        sql.close()
      })()
      return closing
    },
  }
}

/** Shorter than for reads: nobody waits for it. */
const UPKEEP_STRETCH_MS = 2

const unavailable = (detail: string): AppError => new AppError({ code: 'unavailable', detail })

const orClosed = <T>(sql: Sql, folder: string, read: () => T): T => {
  try {
    return attempt(folder, read)
  } catch (error) {
    sql.close()
    throw error
  }
}
