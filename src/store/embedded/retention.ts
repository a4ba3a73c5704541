import type { Clock } from '../../points/clock.ts'
import { DAY, HOUR, instant, windowStart, type Instant } from '../../points/instant.ts'
import type { Dataset } from '../../catalog/datasets.ts'
import type { Tier } from '../../catalog/tiers.ts'
import type { Deletion, RetentionPolicy } from '../store.ts'
import { pragma, type Sql } from './database.ts'
import { firstRow } from './ends.ts'
import { createRemover } from './remover.ts'
import type { Pace } from './pace.ts'
import { createMemo } from './memo.ts'
import { RAW, ROLLUPS, SHELVES, shelfOf, type Shelf } from './shelves.ts'
import type { Stock, Stocks } from './stocks.ts'

type Parts = {
  readonly sql: Sql
  readonly stocks: Stocks
  readonly clock: Clock
  /** How long the wall clock has been right, in milliseconds. */
  readonly trustedFor: () => number
}

/** What a run would delete at most without a new policy before the clock is known to be right. */
const SUSPICIOUS_MS = 2 * DAY
const TRUST_AFTER_MS = HOUR
/** Raw rows are kept so much longer than they are shown: points that come late still find their neighbours. */
const RAW_SPARE_DAYS = 1

/** Where a policy cuts a shelf: rows before `visible` are not read, rows before `deleted` are deleted. */
type Cut = { readonly shelf: Shelf; readonly visible: number; readonly deleted: number }

/** What the last run went by; cuts by the shelf's number. */
type LastRun = {
  /** When it was; a file of an earlier version does not say. */
  readonly at?: number
  readonly policy: RetentionPolicy | null
  readonly cuts: Readonly<Record<string, Pick<Cut, 'visible' | 'deleted'>>>
}

export type Retention = ReturnType<typeof createRetention>

/** Deletes what is older than the policy says, after it has been rolled up. */
export const createRetention = ({ sql, stocks, clock, trustedFor }: Parts) => {
  const remover = createRemover({ sql, stocks })
  const memo = createMemo<LastRun>(sql, 'retention', { policy: null, cuts: {} })

  /** Whole hours: a window is never cut in two. */
  const cutsOf = (policy: RetentionPolicy): readonly Cut[] =>
    policy.flatMap(({ dataset, tier, days }) => {
      const shelf = shelfOf(dataset, tier)
      if (shelf === undefined || days === null) return []
      const before = (age: number) => windowStart(clock.now() - age * DAY, HOUR)
      const spared = Math.max(1, days) + RAW_SPARE_DAYS
      return [{ shelf, visible: before(days), deleted: before(shelf === RAW ? spared : days) }]
    })

  const stocksOf = (shelf: Shelf) => stocks.all().filter((stock) => stock.shelf === shelf)

  /** Roll up first, then delete: never beyond what every tier has made of the rows. */
  const allowed = (stock: Stock, cut: number): number => {
    const marks = stock.shelf === RAW ? ROLLUPS : ROLLUPS.filter((one) => one === stock.shelf)
    return Math.min(
      cut,
      ...marks.map((shelf) => {
        const rolled = stocks.get(shelf, stock.source)
        const firstDirty = Math.min(...stocks.dirtOf(rolled).keys())
        return Math.min(rolled.rolledTo ?? -Infinity, stock.shelf === RAW ? firstDirty : Infinity)
      }),
    )
  }

  /** Rows that a cut hides now, beyond what the last one did. */
  const count = async ({ shelf, deleted }: Cut, pace: Pace): Promise<Deletion> => {
    const before = memo.get().cuts[shelf.id]?.deleted ?? -Infinity
    let points = 0
    let bytes = 0
    for (const stock of stocksOf(shelf)) {
      const now = await remover.measure(stock, allowed(stock, deleted), pace)
      const then = await remover.measure(stock, Math.min(before, allowed(stock, deleted)), pace)
      points += now.points - then.points
      bytes += now.bytes - then.bytes
    }
    const { dataset, tier } = shelf
    return { dataset, tier, points: Math.max(0, points), bytes: Math.max(0, bytes) }
  }

  /** Would delete days of data that the run before did not: time has passed unseen, or the clock is wrong. */
  const isSuspicious = ({ shelf, deleted }: Cut): boolean => {
    const rows = stocksOf(shelf).map((stock) => firstRow(sql, stock, -Infinity) ?? Infinity)
    const before = memo.get().cuts[shelf.id]?.deleted ?? -Infinity
    return deleted - Math.max(before, Math.min(...rows)) > SUSPICIOUS_MS
  }

  const run = async (policy: RetentionPolicy, pace: Pace): Promise<readonly Deletion[]> => {
    const cuts = cutsOf(policy)
    const known = JSON.stringify(memo.get().policy) === JSON.stringify(policy)
    if (known && cuts.some(isSuspicious) && trustedFor() < TRUST_AFTER_MS) return []
    const deletions: Deletion[] = []
    for (const cut of cuts) deletions.push(await count(cut, pace))
    // Reads are cut before anything is deleted.
    memo.set({
      at: clock.now(),
      policy,
      cuts: Object.fromEntries(
        cuts.map(({ shelf, visible, deleted }) => [shelf.id, { visible, deleted }]),
      ),
    })
    for (const { shelf, deleted } of cuts)
      for (const stock of stocksOf(shelf)) await remover.cut(stock, allowed(stock, deleted), pace)
    await shrink(pace)
    return deletions
  }

  /** Gives the disk back what a shorter retention has freed; in a steady state free pages are used again. */
  const shrink = async (pace: Pace) => {
    for (;;) {
      const free = pragma(sql, 'freelist_count')
      if (free < LEAST_FREE_PAGES || free < pragma(sql, 'page_count') / 4) return
      sql.exec(`PRAGMA incremental_vacuum(${PAGES_PER_STEP})`)
      await pace.rest()
    }
  }

  return {
    /** Reads find nothing before this; null: nothing was ever cut. */
    horizon: (dataset: Dataset, tier: Tier): number | null => {
      const shelf = shelfOf(dataset, tier)
      return shelf === undefined ? null : (memo.get().cuts[shelf.id]?.visible ?? null)
    },
    /** Reads again what another process may have changed. */
    reload: memo.reload,
    /** When reads were cut last; null: never. */
    last: (): Instant | null => {
      const { at } = memo.get()
      return at === undefined ? null : instant(at)
    },
    /** The policy of the last run. */
    policy: (): RetentionPolicy | null => memo.get().policy,
    preview: async (policy: RetentionPolicy, pace: Pace): Promise<readonly Deletion[]> => {
      const deletions: Deletion[] = []
      for (const cut of cutsOf(policy)) deletions.push(await count(cut, pace))
      return deletions
    },
    run,
    /** All rows of a source on every shelf. */
    removeAll: async (source: number, pace: Pace) => {
      for (const shelf of SHELVES) await remover.cut(stocks.get(shelf, source), Infinity, pace)
      await shrink(pace)
    },
  }
}

const LEAST_FREE_PAGES = 512
const PAGES_PER_STEP = 64
