import type { Clock } from '../../points/clock.ts'
import { HOUR, windowStart } from '../../points/instant.ts'
import type { Sql } from './database.ts'
import { firstRow } from './ends.ts'
import type { Pace } from './pace.ts'
import type { Registry, Source } from './registry.ts'
import { createWindowMaker } from './rollup-windows.ts'
import { RAW, ROLLUPS, type RollupShelf, type Shelf } from './shelves.ts'
import type { Stock, Stocks } from './stocks.ts'

type Parts = {
  readonly sql: Sql
  readonly registry: Registry
  readonly stocks: Stocks
  readonly clock: Clock
}

/** What is due for rolling up. */
export type Due = {
  /** How long after its end a window is left open for points on their way. */
  readonly graceMs: number
  /** Whether a dirty window is to be healed now, by the monotonic times of its first and last change. */
  readonly ripe: (since: number, last: number) => boolean
}

/** Everything that has closed, and every dirty window. */
export const ALL_DUE: Due = { graceMs: 0, ripe: () => true }

export type Rollups = ReturnType<typeof createRollups>

/** Keeps the rollup tiers: which windows are to be made, from what, and how far each source has come. */
export const createRollups = ({ sql, registry, stocks, clock }: Parts) => {
  const makeWindows = createWindowMaker({ sql, registry, stocks })
  let total = 0

  /**
   * Raw rows where none can have been deleted since the window's start; else the next finer tier, if it still has
   * the whole window; else nothing: the window is left alone.
   */
  const originOf = (source: Source, shelf: RollupShelf, from: number): Shelf | undefined => {
    const whole = (one: Shelf) => from >= (stocks.get(one, source.id).cut ?? -Infinity)
    if (whole(RAW)) return RAW
    return shelf.finer !== RAW && whole(shelf.finer) ? shelf.finer : undefined
  }

  /** Moves the mark where nothing before `from` is left to do, and clears the dirt that was there at `versions`. */
  const finish = (
    stock: Stock,
    from: number,
    to: number,
    versions: ReadonlyMap<number, number>,
  ) => {
    const reaches = from <= (stock.rolledTo ?? firstRow(sql, rawOf(stock), -Infinity) ?? Infinity)
    const moves = reaches && to > (stock.rolledTo ?? -Infinity)
    if (versions.size === 0 && !moves) return
    sql.transaction(() => {
      for (const [window, version] of versions) stocks.clean(stock, window, version)
      if (!moves) return
      stock.rolledTo = to
      stocks.save(stock)
    })
  }

  const rawOf = (stock: Stock) => stocks.get(RAW, stock.source)

  /** Rolls up the windows of a stretch, which is at most an hour or one window long. */
  const roll = async (
    source: Source,
    shelf: RollupShelf,
    from: number,
    to: number,
    pace: Pace,
  ): Promise<number> => {
    const stock = stocks.get(shelf, source.id)
    // From now on a write into the stretch makes it dirty, whatever of it has been read by then.
    stock.claimedTo = Math.max(stock.claimedTo, to)
    const versions = versionsIn(stock, from, to)
    const again = from < (stock.rolledTo ?? -Infinity)
    const origin = originOf(source, shelf, from)
    const written =
      origin === undefined ? 0 : await makeWindows({ source, shelf, origin, from, to, again }, pace)
    finish(stock, from, to, versions)
    total += written
    return written
  }

  const versionsIn = (stock: Stock, from: number, to: number): ReadonlyMap<number, number> => {
    const versions = new Map<number, number>()
    for (const [window, { version }] of stocks.dirtOf(stock))
      if (window >= from && window < to) versions.set(window, version)
    return versions
  }

  /** Rolls up the windows of [from, to), hour by hour; stretches without rows are passed over. */
  const rollRange = async (
    source: Source,
    shelf: RollupShelf,
    from: number,
    to: number,
    pace: Pace,
  ): Promise<number> => {
    const stock = stocks.get(shelf, source.id)
    let written = 0
    let at = from
    while (at < to) {
      const first = Math.min(
        firstRow(sql, rawOf(stock), at) ?? Infinity,
        firstRow(sql, stocks.get(shelf.finer, source.id), at) ?? Infinity,
      )
      const start = first === Infinity ? to : Math.min(windowStart(first, shelf.windowMs), to)
      if (start > at) {
        stock.claimedTo = Math.max(stock.claimedTo, start)
        finish(stock, at, start, versionsIn(stock, at, start))
        at = start
        continue
      }
      const end = Math.min(to, windowStart(at, HOUR) + HOUR)
      written += await roll(source, shelf, at, end, pace)
      at = end
    }
    return written
  }

  const hosts = (): readonly Source[] =>
    registry.sources().filter((one) => one.dataset === 'metrics')

  /** The stretch that has closed and is not rolled up yet. */
  const pending = (source: Source, shelf: RollupShelf, { graceMs }: Due) => {
    const newest = stocks.get(RAW, source.id).newest
    const closed = windowStart(clock.now() - graceMs, shelf.windowMs)
    // The mark stays behind the last row: what a host that was away brings later is no late point.
    const to = Math.min(closed, windowStart(newest, shelf.windowMs) + shelf.windowMs)
    const mark = stocks.get(shelf, source.id).rolledTo
    const from = mark ?? windowStart(source.firstTime, shelf.windowMs)
    return from < to ? { from, to } : undefined
  }

  /** Dirty windows that are ripe, neighbours of one hour together. */
  const ripeStretches = (source: Source, shelf: RollupShelf, { ripe }: Due) => {
    const dirt = stocks.dirtOf(stocks.get(shelf, source.id))
    const windows: number[] = []
    for (const [window, { since, last }] of dirt) if (ripe(since, last)) windows.push(window)
    const stretches: { readonly from: number; to: number }[] = []
    for (const window of windows.toSorted((a, b) => a - b)) {
      const before = stretches.at(-1)
      if (before?.to === window && window % HOUR !== 0) before.to += shelf.windowMs
      else stretches.push({ from: window, to: window + shelf.windowMs })
    }
    return stretches
  }

  return {
    /** Whether `rollDue` would do anything; nearly free. */
    isDue: (due: Due): boolean =>
      hosts().some((source) =>
        ROLLUPS.some(
          (shelf) =>
            pending(source, shelf, due) !== undefined ||
            ripeStretches(source, shelf, due).length > 0,
        ),
      ),
    /** Rolls up what has closed and what is dirty; resolves with the windows written. */
    rollDue: async (due: Due, pace: Pace): Promise<number> => {
      let written = 0
      for (const source of hosts())
        for (const shelf of ROLLUPS) {
          for (const { from, to } of ripeStretches(source, shelf, due))
            written += await roll(source, shelf, from, to, pace)
          const open = pending(source, shelf, due)
          if (open !== undefined)
            written += await rollRange(source, shelf, open.from, open.to, pace)
        }
      return written
    },
    /** Rolls up all closed windows that overlap a range, also those that are rolled up already. */
    rollAll: async (from: number, to: number, pace: Pace): Promise<number> => {
      let written = 0
      for (const source of hosts())
        for (const shelf of ROLLUPS) {
          const end = Math.min(
            windowStart(to + shelf.windowMs - 1, shelf.windowMs),
            windowStart(clock.now(), shelf.windowMs),
          )
          const start = windowStart(from, shelf.windowMs)
          written += await rollRange(source, shelf, start, end, pace)
        }
      return written
    },
    /** Windows written since the start. */
    windows: () => total,
  }
}
