import type { IntervalName } from './history.ts'
import { parseInterval } from './interval.ts'
import {
  given,
  parseFlag,
  parseLimit,
  parsePeriod,
  required,
  type Parameters,
  type Period,
} from './parameters.ts'

export type RangeQuestion = Period & {
  /** As asked; whether there is such a metric, the store knows. */
  readonly metricType: string
  readonly interval: IntervalName
  readonly limit: number
  /** With the extremes of each window. */
  readonly stats: boolean
  readonly host: string | undefined
}

/** A range question from query parameters. Throws an AppError `invalid` with the wire contract's sentence. */
export const parseRangeQuestion = (parameters: Parameters): RangeQuestion => ({
  metricType: required(parameters, 'metric_type'),
  ...parsePeriod(parameters, 'start_time', 'end_time'),
  interval: parseInterval(given(parameters, 'interval')),
  limit: parseLimit(parameters),
  stats: parseFlag(parameters, 'stats'),
  host: given(parameters, 'host'),
})
