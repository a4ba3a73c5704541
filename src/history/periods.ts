import { DAY, HOUR, instant, type Instant } from '../points/instant.ts'
import { given, invalid, parsePeriod, type Parameters, type Period } from './parameters.ts'

/** In alphabetical order, as the sentences list them. */
export const PERIODS = ['day', 'hour', 'week'] as const
export type PeriodName = (typeof PERIODS)[number]
export const COMPARED_TO = ['last_week', 'yesterday'] as const
export type ComparedTo = (typeof COMPARED_TO)[number]

const LENGTH: Readonly<Record<PeriodName, number>> = { hour: HOUR, day: DAY, week: 7 * DAY }
const SHIFT: Readonly<Record<ComparedTo, number>> = { yesterday: DAY, last_week: 7 * DAY }

/** Two periods of equal length, and how the answer names them. */
export type ComparedPeriods = {
  readonly period: PeriodName | 'custom'
  readonly compareTo: ComparedTo | 'custom'
  readonly current: Period
  readonly comparison: Period
}

/** Until now, and the same shifted back. */
export const relativePeriods = (
  period: PeriodName,
  compareTo: ComparedTo,
  now: Instant,
): ComparedPeriods => {
  const start = now - LENGTH[period]
  const shift = SHIFT[compareTo]
  return {
    period,
    compareTo,
    current: { start: instant(start), end: now },
    comparison: { start: instant(start - shift), end: instant(now - shift) },
  }
}

const CUSTOM = ['start_time_1', 'end_time_1', 'start_time_2', 'end_time_2'] as const

/** The periods that a client asked for; any custom parameter selects the custom mode. */
export const parsePeriods = (parameters: Parameters, now: Instant): ComparedPeriods =>
  CUSTOM.some((name) => given(parameters, name) !== undefined)
    ? customPeriods(parameters)
    : namedPeriods(parameters, now)

const customPeriods = (parameters: Parameters): ComparedPeriods => {
  if (CUSTOM.some((name) => given(parameters, name) === undefined))
    throw invalid(`${CUSTOM.join(', ')} are required for custom comparison`)
  const current = parsePeriod(parameters, 'start_time_1', 'end_time_1')
  const comparison = parsePeriod(parameters, 'start_time_2', 'end_time_2')
  if (current.end - current.start !== comparison.end - comparison.start)
    throw invalid('Custom comparison periods must have the same duration')
  return { period: 'custom', compareTo: 'custom', current, comparison }
}

const namedPeriods = (parameters: Parameters, now: Instant): ComparedPeriods => {
  const [periodText, compareText] = [given(parameters, 'period'), given(parameters, 'compare_to')]
  if (periodText === undefined || compareText === undefined)
    throw invalid('period and compare_to are required for relative comparison')
  const period = PERIODS.find((one) => one === periodText)
  if (period === undefined) throw invalid(`Invalid period. Must be one of: ${PERIODS.join(', ')}`)
  const compareTo = COMPARED_TO.find((one) => one === compareText)
  if (compareTo === undefined)
    throw invalid(`Invalid compare_to. Must be one of: ${COMPARED_TO.join(', ')}`)
  return relativePeriods(period, compareTo, now)
}
