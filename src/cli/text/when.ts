import type { RangeAnswer } from '../../history/history.ts'
import { INTERVAL_MS } from '../../history/interval.ts'
import { SECOND } from '../../points/instant.ts'
import type { SparkRange } from './sparkline.ts'

/** `2025-01-18 10:00` of an ISO time, in UTC; seconds only where there are any. */
export const formatTime = (iso: string): string => {
  const [date = '', time = ''] = new Date(iso).toISOString().split('T')
  const seconds = time.slice(6, 8)
  return `${date} ${time.slice(0, 5)}${seconds === '00' ? '' : `:${seconds}`}`
}

/** `2025-01-18 10:00 … 12:00 UTC`: the date once where both ends are on one day. */
export const formatPeriod = (from: string, to: string): string => {
  const [start, end] = [formatTime(from), formatTime(to)]
  const sameDay = start.slice(0, 10) === end.slice(0, 10)
  return `${start} … ${sameDay ? end.slice(11) : end} UTC`
}

/** What a sparkline of a period is drawn over; samples may be further apart than windows are long. */
export const sparkRange = (
  period: Pick<RangeAnswer, 'start_time' | 'end_time'>,
  answer: Pick<RangeAnswer, 'interval' | 'sampling_interval_seconds'>,
): SparkRange => ({
  from: Date.parse(period.start_time),
  to: Date.parse(period.end_time),
  windowMs: Math.max(INTERVAL_MS[answer.interval], answer.sampling_interval_seconds * SECOND),
})
