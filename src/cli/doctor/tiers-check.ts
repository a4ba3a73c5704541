import { HOST_MEASUREMENTS } from '../../catalog/catalog.ts'
import { ROLLUP_TIERS, TIER_MS, type RollupTier } from '../../catalog/tiers.ts'
import { DAY, instant, windowCeil, type Instant, type TimeRange } from '../../points/instant.ts'
import { seriesKey } from '../../points/point.ts'
import type { SeriesColumns } from '../../store/range-query.ts'
import type { RollupCoverage, SeriesStore } from '../../store/store.ts'
import { absent, broken, note, ok, type Check, type Finding } from './finding.ts'

/**
 * Counts the raw rows of every rolled-up window of the last day again and compares with its `n`. Windows that are known to be
 * dirty are left out: they will be rolled up again.
 */
export const tiersCheck = (openStore: () => Promise<SeriesStore>, now: () => Instant): Check => ({
  name: 'Tiers',
  run: async () => {
    const store = await openStore()
    try {
      const hosts = await store.hosts()
      if (hosts.length === 0) return [absent('Tiers', 'nothing is stored yet')]
      const findings: Finding[] = []
      for (const { host } of hosts)
        for (const tier of ROLLUP_TIERS) findings.push(await compareTier(store, host, tier, now()))
      return findings
    } finally {
      await store.close()
    }
  },
})

type Count = { windows: number; fewer: number; more: number; missing: number }

const compareTier = async (
  store: SeriesStore,
  host: string,
  tier: RollupTier,
  now: Instant,
): Promise<Finding> => {
  const name = `Tier ${tier}`
  const coverage = await store.coverage('metrics', host)
  const range = comparable(coverage.raw.horizon, coverage[tier], tier, now)
  if (range === undefined) return absent(name, `nothing of ${host} to compare in the last day`)
  const count: Count = { windows: 0, fewer: 0, more: 0, missing: 0 }
  // one measurement at a time: a day of a large host would not fit into memory at once
  for (const measurement of HOST_MEASUREMENTS) {
    const question = {
      dataset: 'metrics',
      measurements: [measurement],
      tags: { host },
      range,
      beside: ['n'],
    } as const
    const raw = await store.read({ ...question, tier: 'raw', windowMs: TIER_MS[tier] })
    const rolled = await store.read({ ...question, tier })
    compareSeries(raw, rolled, coverage[tier].dirty, count)
  }
  return findingOf(name, host, count)
}

/** Whole windows of the last day that are rolled up and whose raw rows are all there. */
const comparable = (
  rawHorizon: Instant | null,
  { rolledUpTo }: RollupCoverage,
  tier: RollupTier,
  now: Instant,
): TimeRange | undefined => {
  if (rolledUpTo === null) return undefined
  const from = windowCeil(Math.max(now - DAY, rawHorizon ?? 0), TIER_MS[tier])
  const to = instant(Math.min(rolledUpTo, now))
  return from < to ? { from, to } : undefined
}

const compareSeries = (
  raw: readonly SeriesColumns[],
  rolled: readonly SeriesColumns[],
  dirty: readonly TimeRange[],
  count: Count,
): void => {
  const byKey = new Map(rolled.map((one) => [seriesKey(one.measurement, one.tags), one] as const))
  for (const one of raw) {
    const counted = countsOf(byKey.get(seriesKey(one.measurement, one.tags)))
    for (const [at, n] of countsOf(one)) {
      if (dirty.some((range) => at >= range.from && at < range.to)) continue
      count.windows += 1
      const there = counted.get(at)
      if (there === undefined) count.missing += 1
      else if (there < n) count.fewer += 1
      else if (there > n) count.more += 1
    }
  }
}

/** Values per window, over all fields that are counted. */
const countsOf = (columns: SeriesColumns | undefined): ReadonlyMap<number, number> => {
  const counts = new Map<number, number>()
  if (columns === undefined) return counts
  for (const { n } of Object.values(columns.fields))
    n?.forEach((value, index) => {
      const at = columns.at[index]
      if (at !== undefined && value > 0) counts.set(at, (counts.get(at) ?? 0) + value)
    })
  return counts
}

const findingOf = (name: string, host: string, count: Count): Finding => {
  const { windows, fewer, more, missing } = count
  if (windows === 0) return absent(name, `nothing of ${host} to compare in the last day`)
  const says = `${host}: ${windows} windows of the last day`
  if (fewer > 0 || missing > 0)
    return broken(
      name,
      `${says}: ${missing} are missing and ${fewer} lack raw values.`,
      'Restart the server, which rolls up what is due; if they stay, keep the data folder and report it.',
    )
  return more > 0
    ? note(
        name,
        `${says}: ${more} hold more values than raw has now.`,
        'Raw rows went earlier than they should.',
      )
    : ok(name, `${says} agree with raw`)
}
