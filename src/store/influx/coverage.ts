import { DATASET_TIERS, type Dataset } from '../../catalog/datasets.ts'
import { TIER_MS, type RollupTier, type Tier } from '../../catalog/tiers.ts'
import { HOUR, instant, type Instant, type TimeRange } from '../../points/instant.ts'
import { cleanName } from '../../points/line-protocol.ts'
import type { Queue } from '../../spool/queue.ts'
import type { Coverage, HostExtent, RollupCoverage, TierCoverage } from '../store.ts'
import { findShelf } from './buckets.ts'
import type { EndsBook } from './ends.ts'
import { cut } from './extent.ts'
import type { StateBook } from './state.ts'

type Parts = {
  readonly ends: EndsBook
  readonly state: StateBook
  readonly dirt: Pick<Queue, 'dirtyHours'>
  readonly horizon: (dataset: Dataset, tier: Tier) => number | null
}

/** What the planner may trust, and which hosts there are. */
export const createCoverage = ({ ends, state, dirt, horizon }: Parts) => {
  const tierCoverage = async (
    dataset: Dataset,
    tier: Tier,
    host: string,
  ): Promise<TierCoverage> => {
    const shelf = findShelf(dataset, tier)
    if (shelf === undefined) return { oldest: null, newest: null, horizon: null }
    const before = horizon(dataset, tier)
    const span = cut((await ends.byHost(shelf)).get(cleanName(host)), before)
    return {
      oldest: span === undefined ? null : instant(span.first),
      newest: span === undefined ? null : instant(span.last),
      horizon: before === null ? null : instant(before),
    }
  }

  const rollupCoverage = async (
    dataset: Dataset,
    tier: RollupTier,
    host: string,
  ): Promise<RollupCoverage> => {
    const mark = DATASET_TIERS[dataset].includes(tier) ? state.mark(tier) : null
    return {
      ...(await tierCoverage(dataset, tier, host)),
      rolledUpTo: mark === null ? null : instant(mark),
      dirty: mark === null ? [] : dirtyBefore(mark, [...dirt.dirtyHours().keys()], TIER_MS[tier]),
    }
  }

  return {
    coverage: async (dataset: Dataset, host: string): Promise<Coverage> => {
      const [raw, minutes, fives, hours] = await Promise.all([
        tierCoverage(dataset, 'raw', host),
        rollupCoverage(dataset, '1m', host),
        rollupCoverage(dataset, '5m', host),
        rollupCoverage(dataset, '1h', host),
      ])
      return { raw, '1m': minutes, '5m': fives, '1h': hours }
    },
    hosts: async (): Promise<readonly HostExtent[]> => {
      const [raw, hours] = await Promise.all(
        (['raw', '1h'] as const).map(async (tier) => {
          const shelf = findShelf('metrics', tier)
          return shelf === undefined ? undefined : ends.byHost(shelf)
        }),
      )
      const names = [...new Set([...(raw?.keys() ?? []), ...(hours?.keys() ?? [])])]
      return names
        .filter((host) => host !== '')
        .toSorted()
        .map((host) => {
          const now = raw?.get(host)
          const past = hours?.get(host)
          // a window begins before its rows: only one that raw no longer reaches says more
          const isOlder = past !== undefined && past.first + HOUR <= (now?.first ?? Infinity)
          return {
            host,
            firstSeen: instant(isOlder ? past.first : (now?.first ?? past?.first ?? 0)),
            lastSeen: instant(now?.last ?? past?.last ?? 0),
          }
        })
    },
    newest: async (host: string): Promise<Instant | null> => {
      const shelf = findShelf('metrics', 'raw')
      const found = shelf && (await ends.byHost(shelf)).get(cleanName(host))
      return found === undefined ? null : instant(found.last)
    },
  }
}

/** Dirty hours as stretches that do not touch, as far as they are rolled up. */
const dirtyBefore = (
  mark: number,
  hours: readonly number[],
  windowMs: number,
): readonly TimeRange[] => {
  const merged: { from: Instant; to: Instant }[] = []
  for (const hour of hours) {
    const to = Math.min(hour + Math.max(HOUR, windowMs), mark)
    if (to <= hour) continue
    const last = merged.at(-1)
    if (last?.to === hour) last.to = instant(to)
    else merged.push({ from: instant(hour), to: instant(to) })
  }
  return merged
}
