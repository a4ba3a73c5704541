import type { Clock } from '../../points/clock.ts'
import { HOUR, MINUTE, SECOND, windowStart } from '../../points/instant.ts'
import type { RetentionPolicy } from '../store.ts'
import { runtimeFailure } from './database.ts'
import type { HealthBook } from './health.ts'
import type { Pace } from './pace.ts'
import type { Registry, Source } from './registry.ts'
import type { Retention } from './retention.ts'
import type { Due, Rollups } from './rollup.ts'
import type { Seal } from './sealer.ts'
import { SHELVES, type Shelf } from './shelves.ts'
import type { Stock, Stocks } from './stocks.ts'

/** A window stays open so long for points that are on their way; later ones make it dirty. */
const GRACE_MS = 10 * SECOND
/** A dirty window is healed when it has been quiet so long, or has waited so long. */
const QUIET_MS = 10 * SECOND
const PATIENCE_MS = MINUTE
/** After the rollups of the same seam, which are quicker from hot rows. */
const SEAL_DELAY_MS = 20 * SECOND
/** A source with more hot rows than this is sealed at once: a burst of pushed points, or of a spool. */
const MANY_HOT_ROWS = 60_000
/** After a failure everything waits, so that it is not tried every second. */
const PAUSE_MS = 30 * SECOND

type Parts = {
  readonly clock: Clock
  readonly registry: Registry
  readonly stocks: Stocks
  readonly rollups: Rollups
  readonly seal: Seal
  readonly retention: Retention
  readonly health: HealthBook
  readonly policy: () => RetentionPolicy | null
}

/** What the store does by itself; `run` is nearly free when nothing is due. */
export const createMaintenance = (parts: Parts) => {
  const { clock, registry, stocks, rollups, seal, retention, health, policy } = parts
  let nextRetention = -Infinity
  let pausedUntil = -Infinity

  const due = (): Due => {
    const now = clock.monotonic()
    return {
      graceMs: GRACE_MS,
      ripe: (since, last) => now - last >= QUIET_MS || now - since >= PATIENCE_MS,
    }
  }

  const large = ({ hot }: Stock): number | undefined =>
    hot.rows > MANY_HOT_ROWS ? hot.newest + 1 : undefined

  /** Up to where the hot rows of a stock are to be sealed now; undefined: not now. */
  const sealable = (stock: Stock): number | undefined => {
    const all = large(stock)
    if (all !== undefined) return all
    const seam = windowStart(clock.now() - SEAL_DELAY_MS, stock.shelf.sealEveryMs)
    return stock.hot.oldest < seam && stock.sealedTo < seam ? seam : undefined
  }

  const sealableStocks = (
    until: (stock: Stock) => number | undefined,
  ): readonly { source: Source; shelf: Shelf; before: number }[] =>
    registry.sources().flatMap((source) =>
      SHELVES.flatMap((shelf) => {
        if (shelf.dataset !== source.dataset) return []
        const before = until(stocks.get(shelf, source.id))
        return before === undefined ? [] : [{ source, shelf, before }]
      }),
    )

  const sealAll = async (until: (stock: Stock) => number | undefined, pace: Pace) => {
    for (const { source, shelf, before } of sealableStocks(until))
      await seal(source, shelf, before, pace)
  }

  const retentionPolicy = (): RetentionPolicy | null =>
    clock.monotonic() >= nextRetention ? policy() : null

  const runAll = async (pace: Pace) => {
    if (rollups.isDue(due())) await rollups.rollDue(due(), pace)
    await sealAll(sealable, pace)
    const rules = retentionPolicy()
    if (rules === null) return
    nextRetention = clock.monotonic() + HOUR
    await retention.run(rules, pace)
  }

  return {
    isDue: (): boolean =>
      clock.monotonic() >= pausedUntil &&
      (rollups.isDue(due()) || sealableStocks(sealable).length > 0 || retentionPolicy() !== null),
    /** Seals the sources whose hot rows have piled up. */
    sealLarge: (pace: Pace) => sealAll(large, pace),
    /** A failure becomes a problem of the store's health until a later run works. */
    run: async (pace: Pace): Promise<void> => {
      try {
        await runAll(pace)
        health.note('maintenance', undefined)
      } catch (error) {
        pausedUntil = clock.monotonic() + PAUSE_MS
        health.note('maintenance', runtimeFailure(error).message)
      }
    },
  }
}
