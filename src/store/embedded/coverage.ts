import type { Dataset } from '../../catalog/datasets.ts'
import type { RollupTier, Tier } from '../../catalog/tiers.ts'
import { instant, type Instant, type TimeRange } from '../../points/instant.ts'
import type { Coverage, Extent, HostExtent, RollupCoverage, TierCoverage } from '../store.ts'
import { pragma, type Sql } from './database.ts'
import { firstRow } from './ends.ts'
import type { Registry, Source } from './registry.ts'
import { RAW, ROLLUPS, shelfOf } from './shelves.ts'
import type { Stock, Stocks } from './stocks.ts'

type Parts = {
  readonly sql: Sql
  readonly registry: Registry
  readonly stocks: Stocks
  readonly horizon: (dataset: Dataset, tier: Tier) => number | null
  /** The payload of what else is in the file, bytes. */
  readonly besides: () => number
}

/** What there is: by host and tier, and on the disk. */
export const createCoverage = ({ sql, registry, stocks, horizon, besides }: Parts) => {
  /** The used pages of the file, as far as some payload has its share of them. */
  const share = (payload: number): number => {
    const all = sum(stocks.all(), bytesOf) + besides()
    return all === 0 ? 0 : Math.round((payload / all) * usedBytes(sql))
  }

  const stockOf = (dataset: Dataset, tier: Tier, source: Source): Stock | undefined => {
    const shelf = shelfOf(dataset, tier)
    return shelf === undefined ? undefined : stocks.get(shelf, source.id)
  }

  /** The rows that can be read; the first is the horizon where a cut went through rows. */
  const endsOf = (all: readonly Stock[], cut: number | null) => {
    const from = cut ?? -Infinity
    const oldest = Math.min(...all.map((stock) => firstRow(sql, stock, from) ?? Infinity))
    const newest = Math.max(...all.map((stock) => stock.newest))
    return oldest === Infinity || newest < from
      ? { oldest: null, newest: null }
      : { oldest: instant(oldest), newest: instant(newest) }
  }

  const tierCoverage = (dataset: Dataset, tier: Tier, source?: Source): TierCoverage => {
    const stock = source && stockOf(dataset, tier, source)
    const cut = horizon(dataset, tier)
    return {
      ...endsOf(stock === undefined ? [] : [stock], cut),
      horizon: cut === null ? null : instant(cut),
    }
  }

  const rollupCoverage = (
    dataset: Dataset,
    tier: RollupTier,
    source: Source | undefined,
  ): RollupCoverage => {
    const shelf = ROLLUPS.find((one) => one.tier === tier && one.dataset === dataset)
    const stock = source && shelf && stocks.get(shelf, source.id)
    const mark = stock?.rolledTo ?? null
    return {
      ...tierCoverage(dataset, tier, source),
      rolledUpTo: mark === null ? null : instant(mark),
      dirty:
        stock === undefined || shelf === undefined
          ? []
          : mergedWindows([...stocks.dirtOf(stock).keys()], shelf.windowMs),
    }
  }

  return {
    coverage: (dataset: Dataset, host: string): Coverage => {
      const source = registry.source(dataset, host)
      return {
        raw: tierCoverage(dataset, 'raw', source),
        '1m': rollupCoverage(dataset, '1m', source),
        '5m': rollupCoverage(dataset, '5m', source),
        '1h': rollupCoverage(dataset, '1h', source),
      }
    },
    share,
    /**
     * Bytes: the share of the used pages of the file that its payload has. A row that is hot and in a chunk, until
     * the next seal, counts twice.
     */
    extent: (dataset: Dataset, tier: Tier): Extent => {
      const shelf = shelfOf(dataset, tier)
      const mine = stocks.all().filter((stock) => stock.shelf === shelf)
      return {
        ...endsOf(mine, horizon(dataset, tier)),
        bytes: share(sum(mine, bytesOf)),
        points: sum(mine, ({ points, hot }) => points + hot.points),
      }
    },
    hosts: (): readonly HostExtent[] =>
      registry
        .sources()
        .filter((source) => source.dataset === 'metrics')
        .map((source) => ({
          host: source.host,
          firstSeen: instant(source.firstTime),
          lastSeen: newestOf(source),
        }))
        .toSorted((a, b) => (a.host < b.host ? -1 : 1)),
    newest: (host: string): Instant | null => {
      const source = registry.source('metrics', host)
      return source === undefined ? null : newestOf(source)
    },
  }

  function newestOf(source: Source): Instant {
    return instant(Math.max(source.lastTime, stocks.get(RAW, source.id).newest))
  }
}

const bytesOf = ({ bytes, hot }: Stock): number => bytes + hot.bytes

const sum = <T>(all: readonly T[], of: (one: T) => number): number =>
  all.reduce((total, one) => total + of(one), 0)

/** The pages of the file that hold anything. */
export const usedBytes = (sql: Sql): number =>
  (pragma(sql, 'page_count') - pragma(sql, 'freelist_count')) * pragma(sql, 'page_size')

/** Windows by their starts, in any order, as stretches that do not touch. */
const mergedWindows = (starts: readonly number[], windowMs: number): readonly TimeRange[] => {
  const merged: { from: Instant; to: Instant }[] = []
  for (const start of starts.toSorted((a, b) => a - b)) {
    const last = merged.at(-1)
    if (last?.to === start) last.to = instant(start + windowMs)
    else merged.push({ from: instant(start), to: instant(start + windowMs) })
  }
  return merged
}
