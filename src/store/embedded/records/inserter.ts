import { SEQ_LIMIT } from '../../../points/record.ts'
import { numberAt, sqliteCode, type Sql, type SqlValue } from '../database.ts'
import type { RecordSeriesEntry } from './series-book.ts'
import type { RecordTable } from './tables.ts'

/** A row to be stored: what comes after series, time and seq is in `values`. */
export type NewRow = {
  readonly series: RecordSeriesEntry
  readonly time: number
  seq: number
  readonly values: readonly SqlValue[]
}

/** One statement of many rows costs a fraction of many statements; few sizes, since each is prepared and kept. */
const SIZES = [512, 128, 32, 16, 8, 4, 2, 1]

/** Puts rows into a table within the caller's transaction. */
export const createInserter = (sql: Sql, { name, columns }: RecordTable) => {
  const width = 3 + columns.length
  const group = `(${Array(width).fill('?').join()})`
  const texts = new Map(
    SIZES.map((size) => [
      size,
      `INTO ${name}(series, time, seq, ${columns.join()}) VALUES ${Array(size).fill(group).join()}`,
    ]),
  )

  const inBatches = (
    rows: readonly NewRow[],
    put: (text: string, values: readonly SqlValue[], rows: readonly NewRow[]) => void,
  ) => {
    let at = 0
    for (const [size, text] of texts)
      while (rows.length - at >= size) {
        const batch = rows.slice(at, at + size)
        put(text, batch.flatMap(valuesOf), batch)
        at += size
      }
  }

  /** True: it was stored; false: there is one of the same key. */
  const insertIfNew = (row: NewRow): boolean =>
    sql.all(`INSERT OR IGNORE ${texts.get(1)} RETURNING 1`, valuesOf(row)).length > 0

  /** The next free number after one that is taken. */
  const insertBehind = (row: NewRow) => {
    for (let tries = 0; tries < SEQ_LIMIT; tries++) {
      if (insertIfNew(row)) return
      row.seq = (row.seq + 1) % SEQ_LIMIT
    }
    throw new Error(`there are ${SEQ_LIMIT} records of one series in one millisecond`)
  }

  return {
    /** Rows that were numbered here: all of them are stored. */
    insertAll: (rows: readonly NewRow[]) => {
      inBatches(rows, (text, values, batch) => {
        try {
          sql.run(`INSERT ${text}`, values)
        } catch (error) {
          if (sqliteCode(error)?.startsWith('SQLITE_CONSTRAINT') !== true) throw error
          for (const row of batch) insertBehind(row)
        }
      })
    },
    /** Rows that brought their number: those that are there already change nothing. Gives the new ones. */
    insertNew: (rows: readonly NewRow[]): readonly NewRow[] => {
      const added: NewRow[] = []
      inBatches(rows, (text, values, batch) => {
        const byKey = new Map(
          batch
            .map((row) => [`${row.series.id} ${row.time} ${row.seq}`, row] as const)
            .toReversed(),
        )
        for (const key of sql.all(`INSERT OR IGNORE ${text} RETURNING series, time, seq`, values)) {
          const row = byKey.get(`${numberAt(key, 0)} ${numberAt(key, 1)} ${numberAt(key, 2)}`)
          if (row !== undefined) added.push(row)
        }
      })
      return added
    },
  }
}

const valuesOf = ({ series, time, seq, values }: NewRow): readonly SqlValue[] => [
  series.id,
  time,
  seq,
  ...values,
]
