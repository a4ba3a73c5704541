import { ROLLUP_TIERS, TIER_MS, type RollupTier, type Tier } from '../catalog/tiers.ts'
import {
  instant,
  windowCeil,
  windowStart,
  type Instant,
  type TimeRange,
} from '../points/instant.ts'
import type { Coverage, RollupCoverage } from '../store/store.ts'
import type { AnsweredInterval, IntervalName } from './history.ts'
import { ANSWERED_INTERVALS, INTERVAL_MS, autoInterval } from './interval.ts'
import { intersect, join, stretch, subtract, widen, type Stretches } from './stretches.ts'

/** What the planner needs to know of a question. Both ends count: `end` itself may start a window. */
export type PlannedRange = { readonly start: Instant; readonly end: Instant }
export type IntervalQuestion = PlannedRange & {
  readonly asked: IntervalName
  readonly limit: number
  readonly samplingIntervalMs: number
}

/** One read: rows of one tier. Where `windowMs` is absent the rows come as they are stored. */
export type Read = {
  readonly tier: Tier
  readonly range: TimeRange
  readonly windowMs?: number
  /** Its rows are parts of windows that other reads share: means need their counts. */
  readonly partial: boolean
}

/** More dirty stretches than this are read as fewer, longer ones. */
const MOST_DIRTY = 16

/**
 * The whole windows that belong to a range: all that end after `start` and start at or before `end`.
 * Half-open, at seams of `windowMs`.
 */
export const windowsOf = ({ start, end }: PlannedRange, windowMs: number): TimeRange => ({
  from: windowStart(start, windowMs),
  to: instant(windowStart(end, windowMs) + windowMs),
})

/** How many windows a range can have. */
export const possibleWindows = (range: PlannedRange, windowMs: number): number => {
  const { from, to } = windowsOf(range, windowMs)
  return (to - from) / windowMs
}

/**
 * The interval of the answer. A tier whose data has expired for part of the range (and raw too) gives way to the
 * next coarser; so does, for `auto`, an interval below the sampling's or with more windows than `limit`.
 */
export const chooseInterval = (
  question: IntervalQuestion,
  coverage: Coverage,
): AnsweredInterval => {
  const { asked, start, end, limit, samplingIntervalMs } = question
  const first = asked === 'auto' ? autoInterval(end - start) : asked
  const fits = (interval: AnsweredInterval) => {
    const windowMs = INTERVAL_MS[interval]
    if (hasExpired(question, windowMs, coverage)) return false
    if (asked !== 'auto') return true
    return windowMs >= samplingIntervalMs && possibleWindows(question, windowMs) <= limit
  }
  const candidates = ANSWERED_INTERVALS.slice(ANSWERED_INTERVALS.indexOf(first))
  return candidates.find(fits) ?? '1h'
}

/** Whether a coarser tier still has what retention has taken, within the range, from all that could make these windows. */
const hasExpired = (range: PlannedRange, windowMs: number, coverage: Coverage): boolean => {
  const horizons = [
    coverage.raw.horizon,
    ...tiersUpTo(windowMs).map((tier) => coverage[tier].horizon),
  ].map((horizon) => horizon ?? -Infinity)
  const horizon = Math.min(...horizons)
  if (windowsOf(range, windowMs).from >= horizon) return false
  return ROLLUP_TIERS.some((tier) => {
    const { oldest } = coverage[tier]
    return TIER_MS[tier] > windowMs && oldest !== null && oldest + TIER_MS[tier] <= horizon
  })
}

/**
 * The reads that give the windows of `windows` (at seams of `windowMs`), in time order, none overlapping. Each window
 * comes from the coarsest tier that has it rolled up and clean. One that is unfinished, dirty or not rolled up yet is put
 * together from what the finer tiers have clean, and raw for the rest; where raw has expired a tier's row stays.
 */
export const plan = (windows: TimeRange, windowMs: number, coverage: Coverage): readonly Read[] => {
  const reads: Read[] = []
  let left: Stretches = [windows]
  for (const tier of tiersUpTo(windowMs)) {
    const trusted = intersect(left, trustedOf(coverage, tier))
    left = subtract(left, trusted)
    reads.push(...trusted.flatMap((range) => readsOf(tier, range, windowMs)))
  }
  reads.push(...left.flatMap((range) => readsOf('raw', range, windowMs)))
  return reads.toSorted((a, b) => a.range.from - b.range.from)
}

/** The rollup tiers that can make windows of this length, coarsest first. */
const tiersUpTo = (windowMs: number): readonly RollupTier[] =>
  ROLLUP_TIERS.filter((tier) => TIER_MS[tier] <= windowMs).toReversed()

/** Where a tier's rows may be read: rolled up, not cut, and not dirty, but for what raw can no longer make better. */
const trustedOf = (coverage: Coverage, tier: RollupTier): Stretches => {
  const step = TIER_MS[tier]
  const { horizon, rolledUpTo, dirty }: RollupCoverage = coverage[tier]
  if (rolledUpTo === null) return []
  const kept = horizon === null ? -Infinity : windowCeil(horizon, step)
  const raw = coverage.raw.horizon ?? -Infinity
  const better = widen(dirty, step).filter(({ from }) => from >= raw)
  return subtract(stretch(kept, windowStart(rolledUpTo, step)), join(better, MOST_DIRTY))
}

/** The reads for one stretch of one tier: whole windows are folded by the store, the parts at the ends here. */
const readsOf = (tier: Tier, range: TimeRange, windowMs: number): readonly Read[] => {
  const step = tier === 'raw' ? Math.min(windowMs, TIER_MS[ROLLUP_TIERS[0]]) : TIER_MS[tier]
  const from = windowCeil(range.from, windowMs)
  const to = windowStart(range.to, windowMs)
  const folded = (length: number) =>
    tier !== 'raw' && length === TIER_MS[tier] ? {} : { windowMs: length }
  const part = (one: TimeRange): Read => ({ tier, range: one, ...folded(step), partial: true })
  if (from >= to) return step === windowMs ? [] : [part(range)]
  return [
    ...stretch(range.from, from).map(part),
    { tier, range: { from, to }, ...folded(windowMs), partial: false },
    ...stretch(to, range.to).map(part),
  ]
}
