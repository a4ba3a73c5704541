import { numberAt, type Sql } from '../database.ts'
import type { RecordSeriesEntry } from './series-book.ts'
import type { RecordTable } from './tables.ts'

export type Order = 'oldest first' | 'newest first'

/** Both ends belong to it. */
export type Span = { readonly from: number; readonly to: number }

/** Series in one statement; few sizes, since each is prepared and kept. */
const SIZES = [1, 4, 16, 64]
const MOST = 64
/** No series has it: fills up the places of a statement. */
const NOBODY = -1

/** The merge of many series reads only as many keys as it needs, in order, from the index alone. */
const textOf = (table: RecordTable, series: number, order: Order): string => {
  const direction = order === 'newest first' ? 'DESC' : 'ASC'
  const one = `SELECT time FROM ${table.name} WHERE series = ? AND time >= ? AND time <= ?`
  return `SELECT time FROM (${Array(series).fill(one).join(' UNION ALL ')} ORDER BY time ${direction})
    LIMIT 1 OFFSET ?`
}

/**
 * Where a page of about `rows` rows ends: the instant of the last of them, so that all of one instant are in one
 * page. Undefined: the rest of the span holds fewer.
 */
export const pageEnd = (
  sql: Sql,
  table: RecordTable,
  series: readonly RecordSeriesEntry[],
  span: Span,
  order: Order,
  rows: number,
): number | undefined => {
  const groups = Math.ceil(series.length / MOST)
  const share = groups === 1 ? rows : Math.max(16, Math.ceil((2 * rows) / groups))
  let end: number | undefined
  for (let at = 0; at < series.length; at += MOST) {
    const group = series.slice(at, at + MOST)
    const size = SIZES.find((one) => one >= group.length) ?? MOST
    const row = sql.first(textOf(table, size, order), [
      ...Array.from({ length: size }, (_, i) => [
        group[i]?.id ?? NOBODY,
        span.from,
        span.to,
      ]).flat(),
      share - 1,
    ])
    if (row === undefined) continue
    const time = numberAt(row, 0)
    end =
      end === undefined
        ? time
        : order === 'newest first'
          ? Math.max(end, time)
          : Math.min(end, time)
  }
  return end
}
