import type { Instant } from '../points/instant.ts'
import { comparedFields, fieldTrack, type ComparedField, type Track } from './compared-fields.ts'
import { countedRows, type Counted, type PeriodTable } from './counted-rows.ts'
import type { CompareAnswer, FieldComparison } from './history.ts'
import { hedgesG } from './statistics/hedges.ts'
import { holm } from './statistics/holm.ts'
import { sampleOf, type Sample } from './statistics/sample.ts'
import { welch } from './statistics/welch.ts'
import type { Subject } from './subject.ts'

/**
 * What the test can and cannot see. A rhythm within the periods counts as variation: over +-10 % of the level (a day), +-6 %
 * (a week) it hides a true +10 %. A load that drifts over hours is on another level in each hour, and is called different.
 */
const ALPHA = 0.01
/** Fewer windows a side than this say nothing. */
const LEAST_WINDOWS = 8

/**
 * The summary of two periods whose tables have the counts beside the means: averages weighted by the samples in each window,
 * and for each field how large the difference is and whether it is more than chance.
 */
export const summarise = (
  subject: Subject,
  periods: readonly [PeriodTable, PeriodTable],
  windowMs: number,
  now: Instant,
): CompareAnswer['summary'] => {
  const sides = countedRows(periods, windowMs, now)
  const tables = periods.map(({ table }) => table)
  const compared = comparedFields(subject, tables).map((field) => ({
    field,
    ...comparedBy(field, sides, windowMs),
  }))
  const tested = compared.filter(({ p }) => p !== null)
  const flags = holm(
    tested.map(({ p }) => p ?? 1),
    ALPHA,
  )
  const significant = new Map(tested.map(({ field }, index) => [field, flags[index] ?? false]))
  const fields = compared.map(({ field, current, comparison, effectSize }) => [
    field.name,
    {
      current,
      comparison,
      change_percent: changePercent(current, comparison),
      effect_size: effectSize,
      significant: significant.get(field) ?? null,
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

const comparedBy = (field: ComparedField, [now, then]: Sides, windowMs: number) => {
  const [a, b] = [field.track(now.table), field.track(then.table)]
  const weighted = field.fold === 'mean'
  const averages = {
    current: average(now, a, weighted),
    comparison: average(then, b, weighted),
  }
  // The last value of a window is a size or a counter since boot: it has no level to test.
  if (field.fold === 'last' || a === undefined || b === undefined)
    return { ...averages, effectSize: null, p: null }
  const [one, other] = [windowSample(now, a, windowMs), windowSample(then, b, windowMs)]
  if (Math.min(one.n, other.n) < LEAST_WINDOWS) return { ...averages, effectSize: null, p: null }
  return { ...averages, effectSize: hedgesG(one, other), p: welch(one, other) }
}

const windowSample = ({ table, rows }: Counted, track: Track, stepMs: number): Sample =>
  sampleOf({
    at: Float64Array.from(rows, (row) => table.at[row] ?? Number.NaN),
    values: Float64Array.from(rows, (row) => track.values[row] ?? Number.NaN),
    stepMs,
  })

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
