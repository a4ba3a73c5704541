import jstat from 'jstat'
import type { HistoryDeps } from '../history/deps.ts'
import { compare } from '../history/compare.ts'
import type { AnsweredInterval, FieldComparison } from '../history/history.ts'
import { INTERVAL_MS } from '../history/interval.ts'
import { relativePeriods, type ComparedTo, type PeriodName } from '../history/periods.ts'
import { HOUR, instant, windowStart, type Instant } from '../points/instant.ts'
import type { Column, SeriesColumns } from '../store/range-query.ts'
import type { Coverage } from '../store/store.ts'
import type { Random } from './random.ts'
import type { Load, Stretch } from './simulated-load.ts'

/** A comparison that people make, with the interval that `auto` gives it. */
export const CALIBRATED = [
  { period: 'hour', compareTo: 'yesterday', interval: '1m' },
  { period: 'day', compareTo: 'yesterday', interval: '5m' },
  { period: 'week', compareTo: 'last_week', interval: '1h' },
] as const satisfies readonly {
  period: PeriodName
  compareTo: ComparedTo
  interval: AnsweredInterval
}[]
export type Calibrated = (typeof CALIBRATED)[number]

/** In how many comparisons each verdict was true, and in how many at least one of the two. */
export type Verdicts = {
  readonly either: number
  readonly significant: number
  readonly paired: number
}

export type Calibration = {
  readonly pairs: number
  /** Two periods under the same load: a verdict is true of any field. */
  readonly flagged: Verdicts
  /** With a true +10 %: a verdict is true of `usage_percent`. */
  readonly found: Verdicts
  /** By how much the averages of `usage_percent` of two periods under the same load differ: one deviation, a share of the level. */
  readonly spread: number
}

const LIFT = 1.1
const HOST = 'calibrated'
const FIRST = Date.UTC(2026, 0, 5)

/** Compares periods under the same load, and under the same load lifted by 10 %, by the verb itself. */
export const calibrate = async (
  load: Load,
  calibrated: Calibrated,
  pairs: number,
  random: Random,
): Promise<Calibration> => {
  const flagged = { either: 0, significant: 0, paired: 0 }
  const found = { ...flagged }
  let squares = 0
  for (let pair = 0; pair < pairs; pair++) {
    const now = windowStart(FIRST + random.next() * 100 * HOUR, HOUR)
    const { period, compareTo, interval } = calibrated
    const periods = relativePeriods(period, compareTo, now)
    const windowMs = INTERVAL_MS[interval]
    const fill = ({ start, end }: { start: Instant; end: Instant }) => {
      // One more: the window that starts at the end belongs to the range.
      const stretch = { start, windowMs, count: (end - start) / windowMs + 1 }
      return { ...stretch, fields: load(random, stretch) }
    }
    const [current, comparison] = [fill(periods.current), fill(periods.comparison)]
    const question = {
      ...periods,
      metricType: 'cpu',
      interval,
      limit: 1,
      host: HOST,
    } as const
    const ask = async (one: Filled) =>
      (await compare(question, depsOf(now, one, comparison))).value()
    const same = await ask(current)
    count(flagged, Object.values(same.summary.fields))
    const usage = same.summary.fields['usage_percent']
    squares += ((usage?.change_percent ?? 0) / 100) ** 2
    const lifted = await ask({ ...current, fields: liftedFields(current.fields) })
    count(
      found,
      [lifted.summary.fields['usage_percent']].filter((field) => field !== undefined),
    )
  }
  return { pairs, flagged, found, spread: Math.sqrt(squares / pairs) }
}

const count = (
  into: { -readonly [Name in keyof Verdicts]: number },
  fields: readonly FieldComparison[],
): void => {
  const significant = fields.some((field) => field.significant === true)
  const paired = fields.some((field) => field.significant_paired === true)
  if (significant) into.significant += 1
  if (paired) into.paired += 1
  if (significant || paired) into.either += 1
}

/**
 * How often a test of the mean could find the +10 % if it knew by how much two periods under the same load differ (`spread`), and
 * were put to this one field alone at the same alpha of 0.01: a bound for those that have to estimate it.
 */
export const bestFound = (spread: number): number => {
  const [shift, bound] = [(LIFT - 1) / spread, -jstat.jStat.normal.inv(0.005, 0, 1)]
  return jstat.jStat.normal.cdf(shift - bound, 0, 1) + jstat.jStat.normal.cdf(-shift - bound, 0, 1)
}

type Filled = Stretch & { readonly fields: Readonly<Record<string, Float64Array>> }

/** Everything that the load drives is a tenth more; idle is what is left. */
const liftedFields = (fields: Filled['fields']): Filled['fields'] => {
  const lifted = Object.fromEntries(
    Object.entries(fields).map(([name, values]) => [name, values.map((value) => value * LIFT)]),
  )
  const { usage_percent: usage, iowait } = lifted
  const idle = usage?.map((value, place) => 100 - value - (iowait?.[place] ?? 0))
  return idle === undefined ? lifted : { ...lifted, idle }
}

/** A store that has just these two periods, rolled up. */
const depsOf = (now: Instant, current: Filled, comparison: Filled): HistoryDeps => ({
  clock: { now: () => now },
  samplingIntervalMs: () => 5_000,
  host: HOST,
  store: {
    coverage: async () => everything(now),
    measurements: async () => [],
    hosts: async () => [],
    read: async ({ range }) => {
      const filled = range.from >= current.start ? current : comparison
      return columnsOf(filled, range.from, range.to)
    },
  },
})

const everything = (now: Instant): Coverage => {
  const raw = { oldest: instant(0), newest: now, horizon: null }
  const tier = { ...raw, rolledUpTo: instant(now + HOUR), dirty: [] }
  return { raw, '1m': tier, '5m': tier, '1h': tier }
}

const columnsOf = (
  { start, windowMs, fields }: Filled,
  from: number,
  to: number,
): readonly SeriesColumns[] => {
  const [first, last] = [(from - start) / windowMs, (to - start) / windowMs]
  const at = Float64Array.from({ length: last - first }, (_, place) => from + place * windowMs)
  const n = new Float64Array(at.length).fill(windowMs / 5_000)
  const columns = Object.entries(fields).map(
    ([name, values]) =>
      [name, { value: values.subarray(first, last), n } satisfies Column] as const,
  )
  return [{ measurement: 'cpu', tags: { host: HOST }, at, fields: Object.fromEntries(columns) }]
}
