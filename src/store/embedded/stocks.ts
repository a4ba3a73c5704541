import { numberAt, numberOrNullAt, type Sql } from './database.ts'
import { lastChunkRow } from './ends.ts'
import { ROLLUPS, SHELVES, type Shelf } from './shelves.ts'

/** What one source has on one shelf, and how far the work on it has come. Times in milliseconds. */
export type Stock = {
  readonly shelf: Shelf
  readonly source: number
  /** Windows that end at or before this are rolled up; null: none (always so on a raw shelf). */
  rolledTo: number | null
  /** Rows before this may have been deleted; null: never. */
  cut: number | null
  /** Rows and bytes in chunks. */
  points: number
  bytes: number
  readonly hot: HotStock
  /** The last row, hot or in a chunk; -Infinity: none. */
  newest: number
  /**
   * The end of what is being rolled up just now: a write before it makes its window dirty, although the mark
   * has not moved yet.
   */
  claimedTo: number
  /** The seam up to which the hot rows were last sealed. */
  sealedTo: number
  /** Hot rows written since a seal began to read: they must stay. Undefined: no seal is on. */
  touched: Set<string> | undefined
}

/** The hot rows: `oldest` and `newest` are Infinity and -Infinity where there are none. */
export type HotStock = {
  rows: number
  points: number
  bytes: number
  oldest: number
  newest: number
}

/** A window whose raw rows changed after it was rolled up. */
export type Dirt = {
  /** Moves with each change, so that a roll-up clears only what it has seen. */
  version: number
  /** Monotonic milliseconds of the first and the last change; -Infinity: before the start. */
  readonly since: number
  last: number
}

export type Stocks = ReturnType<typeof createStocks>

/** The stocks of all sources, in memory; what must survive is written within the caller's transaction. */
export const createStocks = (sql: Sql) => {
  const stocks = new Map<string, Stock>()
  const dirt = new Map<Stock, Map<number, Dirt>>()
  let version = 0

  const get = (shelf: Shelf, source: number): Stock => {
    const key = `${shelf.id} ${source}`
    const known = stocks.get(key)
    if (known !== undefined) return known
    const stock: Stock = {
      shelf,
      source,
      rolledTo: null,
      cut: null,
      points: 0,
      bytes: 0,
      hot: noHotRows(),
      newest: -Infinity,
      claimedTo: -Infinity,
      sealedTo: -Infinity,
      touched: undefined,
    }
    stocks.set(key, stock)
    return stock
  }

  const dirtOf = (stock: Stock): Map<number, Dirt> => {
    const known = dirt.get(stock)
    if (known !== undefined) return known
    const windows = new Map<number, Dirt>()
    dirt.set(stock, windows)
    return windows
  }

  const findNewest = (stock: Stock) => {
    const inChunks = stock.points === 0 ? undefined : lastChunkRow(sql, stock.shelf, stock.source)
    stock.newest = Math.max(stock.hot.newest, inChunks ?? -Infinity)
  }

  /** Reads everything again; claims and running seals stay as they are. */
  const reload = () => {
    for (const stock of stocks.values())
      Object.assign(stock, { rolledTo: null, cut: null, points: 0, bytes: 0, hot: noHotRows() })
    dirt.clear()
    for (const shelf of SHELVES) {
      const progress = 'SELECT grp, rolled_to, cut, points, bytes FROM progress WHERE tier = ?'
      for (const row of sql.all(progress, [shelf.id]))
        Object.assign(get(shelf, numberAt(row, 0)), {
          rolledTo: numberOrNullAt(row, 1),
          cut: numberOrNullAt(row, 2),
          points: numberAt(row, 3),
          bytes: numberAt(row, 4),
        })
      const hot = `SELECT grp, count(*), sum(n), sum(length(v)), min(time), max(time)
        FROM hot WHERE tier = ? GROUP BY grp`
      for (const row of sql.all(hot, [shelf.id]))
        Object.assign(get(shelf, numberAt(row, 0)).hot, {
          rows: numberAt(row, 1),
          points: numberAt(row, 2),
          bytes: numberAt(row, 3),
          oldest: numberAt(row, 4),
          newest: numberAt(row, 5),
        })
    }
    for (const shelf of ROLLUPS)
      for (const row of sql.all('SELECT grp, time FROM dirty WHERE tier = ?', [shelf.id]))
        dirtOf(get(shelf, numberAt(row, 0))).set(numberAt(row, 1), {
          version: (version += 1),
          since: -Infinity,
          last: -Infinity,
        })
    for (const stock of stocks.values()) {
      stock.claimedTo = Math.max(stock.claimedTo, stock.rolledTo ?? -Infinity)
      findNewest(stock)
    }
  }

  reload()
  return {
    reload,
    get,
    all: (): readonly Stock[] => [...stocks.values()],
    /** Writes the marks and counters of a stock. */
    save: (stock: Stock) => {
      sql.run(
        `INSERT INTO progress(tier, grp, rolled_to, cut, points, bytes) VALUES(?, ?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET rolled_to = excluded.rolled_to, cut = excluded.cut,
           points = excluded.points, bytes = excluded.bytes`,
        [stock.shelf.id, stock.source, stock.rolledTo, stock.cut, stock.points, stock.bytes],
      )
    },
    dirtOf: (stock: Stock): ReadonlyMap<number, Dirt> => dirtOf(stock),
    /** Marks the window that begins at `window`. */
    soil: (stock: Stock, window: number, monotonic: number) => {
      const windows = dirtOf(stock)
      const known = windows.get(window)
      version += 1
      if (known !== undefined) {
        known.version = version
        known.last = monotonic
        return
      }
      windows.set(window, { version, since: monotonic, last: monotonic })
      sql.run('INSERT OR IGNORE INTO dirty(tier, grp, time) VALUES(?, ?, ?)', [
        stock.shelf.id,
        stock.source,
        window,
      ])
    },
    /** Clears a window that was rolled up again, unless it has changed since `seen`. */
    clean: (stock: Stock, window: number, seen: number) => {
      const windows = dirtOf(stock)
      if (windows.get(window)?.version !== seen) return
      windows.delete(window)
      sql.run('DELETE FROM dirty WHERE tier = ? AND grp = ? AND time = ?', [
        stock.shelf.id,
        stock.source,
        window,
      ])
    },
    dirtyWindows: (): number => {
      let count = 0
      for (const windows of dirt.values()) count += windows.size
      return count
    },
    /** After hot rows were deleted: looks up what is left at both ends. */
    measureHot: (stock: Stock) => {
      const end = (order: 'ASC' | 'DESC') =>
        sql.first(
          `SELECT time FROM hot WHERE tier = ? AND grp = ? ORDER BY time ${order} LIMIT 1`,
          [stock.shelf.id, stock.source],
        )
      const first = end('ASC')
      const last = end('DESC')
      stock.hot.oldest = first === undefined ? Infinity : numberAt(first, 0)
      stock.hot.newest = last === undefined ? -Infinity : numberAt(last, 0)
      findNewest(stock)
    },
    /** Forgets a source, and deletes whatever rows it still has. */
    remove: (source: number) => {
      for (const { id } of SHELVES)
        for (const table of ['hot', 'chunk', 'progress', 'dirty'])
          sql.run(`DELETE FROM ${table} WHERE tier = ? AND grp = ?`, [id, source])
      for (const [key, stock] of stocks)
        if (stock.source === source) {
          stocks.delete(key)
          dirt.delete(stock)
        }
    },
  }
}

const noHotRows = (): HotStock => ({
  rows: 0,
  points: 0,
  bytes: 0,
  oldest: Infinity,
  newest: -Infinity,
})
