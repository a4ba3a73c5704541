import { numberAt, type Sql } from '../database.ts'
import type { Pace } from '../pace.ts'
import type { RecordSeriesEntry, SeriesBook } from './series-book.ts'
import { RECORD_TABLES } from './tables.ts'
import type { TextIndex } from './text-index.ts'

/** Steps of a few milliseconds. */
const ROWS_PER_STEP = 500
const ROWS_PER_COUNT = 20_000

type Parts = { readonly sql: Sql; readonly book: SeriesBook; readonly index: TextIndex }

/** Deletes and counts the records of a series before an instant. */
export const createRecordRemover = ({ sql, book, index }: Parts) => {
  /** The instant of a row some rows further on, but at least of the first; undefined: fewer are left before `cut`. */
  const stepEnd = (series: RecordSeriesEntry, from: number, cut: number, rows: number) => {
    const row = sql.first(
      `SELECT time FROM ${tableOf(series)} WHERE series = ? AND time >= ? AND time < ?
       ORDER BY time LIMIT 1 OFFSET ?`,
      [series.id, from, cut, rows - 1],
    )
    return row === undefined ? undefined : numberAt(row, 0)
  }
  const countTo = (series: RecordSeriesEntry, from: number, to: number): number => {
    const row = sql.first(
      `SELECT count(*) FROM ${tableOf(series)} WHERE series = ? AND time >= ? AND time <= ?`,
      [series.id, from, to],
    )
    return row === undefined ? 0 : numberAt(row, 0)
  }

  /** Deletes rows up to an instant, and says so in the book. */
  const deleteTo = (series: RecordSeriesEntry, to: number) => {
    const gone = countTo(series, series.first, to)
    const where = 'series = ? AND time <= ?'
    if (series.dataset === 'logs') index.forget(where, [series.id, to])
    sql.run(`DELETE FROM ${tableOf(series)} WHERE ${where}`, [series.id, to])
    const left = series.count - gone
    const first = sql.first(`SELECT min(time) FROM ${tableOf(series)} WHERE series = ?`, [
      series.id,
    ])
    if (left <= 0 || typeof first?.[0] !== 'number') {
      book.remove(series)
      return
    }
    series.bytes *= left / series.count
    series.count = left
    series.first = first[0]
    book.save(series)
  }

  return {
    /** How many rows lie before `cut`. */
    count: async (series: RecordSeriesEntry, cut: number, pace: Pace): Promise<number> => {
      if (series.first >= cut) return 0
      if (series.last < cut) return series.count
      let rows = 0
      let from = series.first
      for (;;) {
        const end = stepEnd(series, from, cut, ROWS_PER_COUNT)
        rows += countTo(series, from, end ?? cut - 1)
        if (end === undefined) return rows
        from = end + 1
        if (pace.due()) await pace.rest()
      }
    },
    /** Deletes what lies before `cut`, in short steps; a series without rows is forgotten. */
    cut: async (series: RecordSeriesEntry, cut: number, pace: Pace) => {
      while (book.has(series) && series.first < cut) {
        const before = Math.min(cut, series.last + 1)
        sql.transaction(() => {
          deleteTo(series, stepEnd(series, series.first, before, ROWS_PER_STEP) ?? before - 1)
        })
        if (pace.due()) await pace.rest()
      }
    },
  }
}

const tableOf = ({ dataset }: RecordSeriesEntry): string => RECORD_TABLES[dataset].name
