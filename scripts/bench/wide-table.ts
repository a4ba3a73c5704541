import { join } from 'node:path'
import Database from 'libsql'
import type { RollupTier } from '../../src/catalog/tiers.ts'
import type { SeriesColumns } from '../../src/store/range-query.ts'

/** The plainest SQLite store of windows there is, to compare with: a table per measurement and tier, a column per field. */
export type WideTables = {
  fill(tier: RollupTier, series: readonly SeriesColumns[]): void
  /** All rows of the measurements between two times, as objects; prepared once. */
  reader(tier: RollupTier, measurements: readonly string[]): (from: number, to: number) => number
  close(): void
}

export const openWideTables = (folder: string): WideTables => {
  const db = new Database(join(folder, 'wide.db'))
  db.exec('PRAGMA journal_mode = WAL; PRAGMA cache_size = -16000')
  const tableOf = (measurement: string, tier: RollupTier) => `${measurement}_${tier}`
  return {
    fill(tier, series) {
      for (const { measurement, tags, at, fields } of series) {
        const table = tableOf(measurement, tier)
        const names = Object.keys(fields)
        const columns = names.map((name) => `${name} REAL`).join(', ')
        db.exec(
          `CREATE TABLE IF NOT EXISTS "${table}"(host TEXT, core INTEGER, time INTEGER, ${columns}, PRIMARY KEY(host, core, time)) WITHOUT ROWID`,
        )
        const insert = db.prepare(
          `INSERT INTO "${table}"(host, core, time, ${names.join(', ')}) VALUES (?, ?, ?${', ?'.repeat(names.length)})`,
        )
        db.transaction(() => {
          for (const [row, time] of at.entries())
            insert.run(
              tags['host'],
              Number(tags['core'] ?? 0),
              time,
              ...names.map((name) => fields[name]?.value[row] ?? null),
            )
        })()
      }
    },
    reader(tier, measurements) {
      const statements = measurements.map((measurement) =>
        db.prepare(
          `SELECT * FROM "${tableOf(measurement, tier)}" WHERE host = 'bench' AND time >= ? AND time < ?`,
        ),
      )
      return (from, to) =>
        statements.reduce((rows, statement) => rows + statement.all(from, to).length, 0)
    },
    close: () => void db.close(),
  }
}

/** Reads the compressed chunks that hold the windows, and leaves them compressed. */
export const openChunks = (folder: string) => {
  const db = new Database(join(folder, 'series.db'))
  const select = db.prepare(`
    SELECT chunk.main FROM chunk JOIN series ON series.id = chunk.series
    JOIN measurement ON measurement.id = series.measurement
    WHERE measurement.name IN ('cpu', 'cpu_core') AND chunk.tier = ? AND chunk.t1 >= ? AND chunk.t0 < ?`)
  return {
    read: (shelf: number, from: number, to: number): number => select.all(shelf, from, to).length,
    close: () => void db.close(),
  }
}
