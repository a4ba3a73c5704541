import type { Instant } from '../points/instant.ts'
import type { IntervalName } from './history.ts'
import { parseInterval } from './interval.ts'
import { given, parseLimit, required, type Parameters } from './parameters.ts'
import { parsePeriods, type ComparedPeriods } from './periods.ts'

export type CompareQuestion = ComparedPeriods & {
  readonly metricType: string
  readonly interval: IntervalName
  /** Points of each period; the summary is of all windows. */
  readonly limit: number
  readonly host: string | undefined
}

/** A comparison from query parameters. Throws an AppError `invalid` with the wire contract's sentence. */
export const parseCompareQuestion = (parameters: Parameters, now: Instant): CompareQuestion => ({
  metricType: required(parameters, 'metric_type'),
  ...parsePeriods(parameters, now),
  interval: parseInterval(given(parameters, 'interval')),
  limit: parseLimit(parameters),
  host: given(parameters, 'host'),
})
