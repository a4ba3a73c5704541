import {
  blockOf,
  blockText,
  mergeBlocks,
  parseBlock,
  type BlockCells,
  type Cells,
} from './cells.ts'
import { numberAt, textAt, type Sql, type SqlRow, type SqlValue } from './database.ts'
import type { Pace } from './pace.ts'
import type { Stock } from './stocks.ts'

/** One row of the hot table as it lies there. */
export type HotRow = {
  readonly time: number
  readonly block: number
  /** How many series it holds. */
  readonly n: number
  readonly v: string
}

/** Rows to be written to one stock, by instant and block. */
export type HotDraft = Map<number, Map<number, BlockCells>>

/** The place of one series in a draft; its cells are to be filled by the caller. */
export const cellsOf = (draft: HotDraft, time: number, block: number, series: number): Cells => {
  const blocks = draft.get(time) ?? new Map<number, BlockCells>()
  if (blocks.size === 0) draft.set(time, blocks)
  const rows = blocks.get(block) ?? new Map<number, Cells>()
  if (rows.size === 0) blocks.set(block, rows)
  const cells = rows.get(series) ?? []
  if (cells.length === 0) rows.set(series, cells)
  return cells
}

/** Writes a draft within the caller's transaction: merged field by field with the hot rows that are there. */
export const putHot = (sql: Sql, stock: Stock, draft: HotDraft) => {
  const { hot, shelf, source } = stock
  const values: SqlValue[] = []
  for (const [time, blocks] of draft)
    for (const [block, rows] of blocks) {
      const before =
        time > hot.newest || hot.rows === 0 ? undefined : hotText(sql, stock, time, block)
      const merged = before === undefined ? rows : mergeBlocks(blockOf(parseBlock(before.v)), rows)
      const text = blockText(merged)
      values.push(shelf.id, source, time, block, merged.size, text)
      hot.rows += before === undefined ? 1 : 0
      hot.points += merged.size - (before?.n ?? 0)
      hot.bytes += text.length - (before?.v.length ?? 0)
      stock.touched?.add(hotKey(time, block))
    }
  // Only now: within one draft instants need not ascend.
  for (const time of draft.keys()) {
    if (time < hot.oldest) hot.oldest = time
    if (time > hot.newest) hot.newest = time
    if (time > stock.newest) stock.newest = time
  }
  insertHot(sql, values)
}

export const hotKey = (time: number, block: number): string => `${time} ${block}`

const hotText = (sql: Sql, stock: Stock, time: number, block: number) => {
  const row = sql.first(
    'SELECT v, n FROM hot WHERE tier = ? AND grp = ? AND time = ? AND block = ?',
    [stock.shelf.id, stock.source, time, block],
  )
  return row === undefined ? undefined : { v: textAt(row, 0), n: numberAt(row, 1) }
}

const COLUMNS = 6
/** One statement of many rows costs a fifth of many statements; few sizes, since each is prepared and kept. */
const SIZES = [128, 32, 16, 8, 4, 2, 1]
const STATEMENTS = new Map(
  SIZES.map((size) => [
    size,
    `INSERT INTO hot(tier, grp, time, block, n, v) VALUES ${Array(size).fill('(?,?,?,?,?,?)').join()}
     ON CONFLICT DO UPDATE SET n = excluded.n, v = excluded.v`,
  ]),
)

const insertHot = (sql: Sql, values: readonly SqlValue[]) => {
  let at = 0
  for (const [size, statement] of STATEMENTS)
    while (values.length - at >= size * COLUMNS) {
      sql.run(statement, values.slice(at, at + size * COLUMNS))
      at += size * COLUMNS
    }
}

/** Hot rows with `from <= time < to`, in time order; of one block, or of all. */
export const hotRows = (
  sql: Sql,
  stock: Stock,
  from: number,
  to: number,
  block?: number,
): readonly HotRow[] => {
  const { hot, shelf, source } = stock
  if (hot.rows === 0 || hot.newest < from || hot.oldest >= to) return []
  // Ends within what is there are finite, which the binding of parameters asks for.
  const values = [shelf.id, source, Math.max(from, hot.oldest), Math.min(to, hot.newest + 1)]
  return (
    block === undefined
      ? sql.all(`${IN_RANGE} ORDER BY time`, values)
      : sql.all(`${IN_RANGE} AND block = ? ORDER BY time`, [...values, block])
  ).map(hotRow)
}

const IN_RANGE =
  'SELECT time, block, n, v FROM hot WHERE tier = ? AND grp = ? AND time >= ? AND time < ?'

/** A page of the hot rows before `to` that follow `after`, by time and block. */
export const hotPage = (
  sql: Sql,
  stock: Stock,
  after: Pick<HotRow, 'time' | 'block'> | undefined,
  to: number,
  rows: number,
): readonly HotRow[] => {
  const { hot, shelf, source } = stock
  if (hot.rows === 0 || hot.oldest >= to) return []
  const { time, block } = after ?? { time: hot.oldest, block: 0 }
  return sql
    .all(
      `SELECT time, block, n, v FROM hot
       WHERE tier = ? AND grp = ? AND (time, block) > (?, ?) AND time < ?
       ORDER BY time, block LIMIT ?`,
      [shelf.id, source, time, block, Math.min(to, hot.newest + 1), rows],
    )
    .map(hotRow)
}

/** A page takes a millisecond or two also where a row fills a page of the file. */
const ROWS_PER_PAGE = 200

/** All hot rows with `from <= time < to`, page by page: rows that are written meanwhile may be among them or not. */
export const allHotRows = async (
  sql: Sql,
  stock: Stock,
  from: number,
  to: number,
  pace: Pace,
): Promise<readonly HotRow[]> => {
  const rows: HotRow[] = []
  let after = { time: Math.max(from, stock.hot.oldest), block: 0 }
  for (;;) {
    const page = hotPage(sql, stock, after, to, ROWS_PER_PAGE)
    for (const row of page) rows.push(row)
    const last = page.at(-1)
    if (last === undefined || page.length < ROWS_PER_PAGE) return rows
    after = last
    if (pace.due()) await pace.rest()
  }
}

const hotRow = (row: SqlRow): HotRow => ({
  time: numberAt(row, 0),
  block: numberAt(row, 1),
  n: numberAt(row, 2),
  v: textAt(row, 3),
})

/** Deletes hot rows within the caller's transaction; `stocks.measureHot` is to follow. */
export const deleteHot = (sql: Sql, stock: Stock, rows: readonly HotRow[]) => {
  const { hot, shelf, source } = stock
  for (const { time, block, n, v } of rows) {
    sql.run('DELETE FROM hot WHERE tier = ? AND grp = ? AND time = ? AND block = ?', [
      shelf.id,
      source,
      time,
      block,
    ])
    hot.rows -= 1
    hot.points -= n
    hot.bytes -= v.length
  }
}
