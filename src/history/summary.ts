import type { Instant } from '../points/instant.ts'
import { comparedFields, fieldTrack, type Track } from './compared-fields.ts'
import { countedRows, type Counted, type PeriodTable } from './counted-rows.ts'
import type { CompareAnswer, FieldComparison } from './history.ts'
import { pairedRows, type PairedRows } from './paired-rows.ts'
import { hedgesG } from './statistics/hedges.ts'
import { holm } from './statistics/holm.ts'
import { pairedT } from './statistics/paired.ts'
import { sampleOf } from './statistics/sample.ts'
import { welch } from './statistics/welch.ts'
import type { Subject } from './subject.ts'
import { inRows } from './table.ts'

/** Both verdicts, each over all fields; docs/adr/0005 has what they see and what they do not. */
const ALPHA = 0.01
/** Fewer windows a side than this, or fewer pairs of them, say nothing. */
const LEAST_WINDOWS = 8

/**
 * The summary of two periods whose tables have the counts beside the means: averages weighted by the samples in each window,
 * and for each field how large the difference is and whether it is more than chance: by the windows of each period as they
 * come, and, where the periods are whole days apart, by the differences at the same time of day.
 */
export const summarise = (
  subject: Subject,
  periods: readonly [PeriodTable, PeriodTable],
  windowMs: number,
  now: Instant,
): CompareAnswer['summary'] => {
  const sides = countedRows(periods, windowMs, now)
  const pairs = pairedRows(periods, sides)
  const tables = periods.map(({ table }) => table)
  const compared = comparedFields(subject, tables).map(({ name, fold, track }) => {
    const [a, b] = [track(sides[0].table), track(sides[1].table)]
    return {
      name,
      current: average(sides[0], a, fold === 'mean'),
      comparison: average(sides[1], b, fold === 'mean'),
      // The last value of a window is a size or a counter since boot: it has no level to test.
      ...(fold === 'last' ? NO_TESTS : testsOf([a, b], sides, pairs, windowMs)),
    }
  })
  const significant = holm(
    compared.map(({ p }) => p),
    ALPHA,
  )
  const significantPaired = holm(
    compared.map(({ pairedP }) => pairedP),
    ALPHA,
  )
  const fields = compared.map(({ name, current, comparison, effectSize }, index) => [
    name,
    {
      current,
      comparison,
      change_percent: changePercent(current, comparison),
      effect_size: effectSize,
      significant: significant[index] ?? null,
      significant_paired: significantPaired[index] ?? null,
    } satisfies FieldComparison,
  ])
  return { ...primary(subject, sides), fields: Object.fromEntries(fields) }
}

type Sides = readonly [Counted, Counted]

/** The metric's primary value: the first group of fields that has data on either side, added up. */
const primary = (
  subject: Subject,
  [now, then]: Sides,
): Pick<CompareAnswer['summary'], 'current_avg' | 'comparison_avg' | 'change_percent'> => {
  const groups = subject.kind === 'metric' ? subject.metric.primary : []
  for (const { measurement, fields } of groups) {
    const averageOf = (side: Counted) =>
      added(fields.map((field) => average(side, fieldTrack(side.table, measurement, field), true)))
    const [current, comparison] = [averageOf(now), averageOf(then)]
    if (current === null && comparison === null) continue
    return {
      current_avg: current,
      comparison_avg: comparison,
      change_percent: changePercent(current, comparison),
    }
  }
  return { current_avg: null, comparison_avg: null, change_percent: null }
}

const added = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
}

/** By how much, in percent of the baseline; null where there is none or it is 0. */
export const changePercent = (current: number | null, baseline: number | null): number | null =>
  current === null || baseline === null || baseline === 0
    ? null
    : ((current - baseline) / Math.abs(baseline)) * 100

type Tests = {
  readonly effectSize: number | null
  readonly p: number | null
  readonly pairedP: number | null
}
const NO_TESTS: Tests = { effectSize: null, p: null, pairedP: null }

const testsOf = (
  [a, b]: readonly [Track | undefined, Track | undefined],
  [now, then]: Sides,
  pairs: PairedRows | null,
  stepMs: number,
): Tests => {
  if (a === undefined || b === undefined) return NO_TESTS
  const sample = ({ at, rows }: Counted, track: Track) =>
    sampleOf({ at, values: inRows(track.values, rows), stepMs })
  const [one, other] = [sample(now, a), sample(then, b)]
  if (Math.min(one.n, other.n) < LEAST_WINDOWS) return NO_TESTS
  const unpaired = { effectSize: hedgesG(one, other), p: welch(one, other) }
  if (pairs === null) return { ...unpaired, pairedP: null }
  const paired = pairedT({
    at: pairs.at,
    values: inRows(a.values, pairs.current),
    others: inRows(b.values, pairs.comparison),
    stepMs,
  })
  return { ...unpaired, pairedP: paired.pairs < LEAST_WINDOWS ? null : paired.p }
}

/** The mean of the rows that count; null where none has a value. */
const average = ({ rows }: Counted, track: Track | undefined, weighted: boolean): number | null => {
  if (track === undefined) return null
  let sum = 0
  let weights = 0
  for (const row of rows) {
    const value = track.values[row] ?? Number.NaN
    if (Number.isNaN(value)) continue
    const count = weighted ? (track.counts?.[row] ?? Number.NaN) : 1
    const weight = Number.isNaN(count) ? 1 : count
    sum += value * weight
    weights += weight
  }
  return weights === 0 ? null : sum / weights
}
