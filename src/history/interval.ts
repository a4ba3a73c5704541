import { AppError } from '../app-error.ts'
import { HOUR, MINUTE, SECOND } from '../points/instant.ts'
import { INTERVALS, type AnsweredInterval, type IntervalName } from './history.ts'

/** The intervals that an answer may have, finest first. */
export const ANSWERED_INTERVALS = ['5s', '1m', '5m', '1h'] as const satisfies AnsweredInterval[]

/** Window length in milliseconds. */
export const INTERVAL_MS: Readonly<Record<AnsweredInterval, number>> = {
  '5s': 5 * SECOND,
  '1m': MINUTE,
  '5m': 5 * MINUTE,
  '1h': HOUR,
}

/** The longest range that `auto` shows at an interval; beyond the last one it is 1h. */
const AUTO_UP_TO: readonly (readonly [number, AnsweredInterval])[] = [
  [30 * MINUTE, '5s'],
  [6 * HOUR, '1m'],
  [24 * HOUR, '5m'],
]

/** What `auto` means for a range of this length (milliseconds), before tiers, limit and sampling are asked. */
export const autoInterval = (lengthMs: number): AnsweredInterval =>
  AUTO_UP_TO.find(([longest]) => lengthMs <= longest)?.[1] ?? '1h'

/** The interval that a person wrote, in any case; absent: auto. Throws `Invalid interval: 2h`. */
export const parseInterval = (text: string | undefined): IntervalName => {
  if (text === undefined) return 'auto'
  const found = INTERVALS.find((interval) => interval === text.trim().toLowerCase())
  if (found === undefined)
    throw new AppError({ code: 'invalid', detail: `Invalid interval: ${text}` })
  return found
}

/** The coarser of two. */
export const coarser = (a: AnsweredInterval, b: AnsweredInterval): AnsweredInterval =>
  INTERVAL_MS[a] >= INTERVAL_MS[b] ? a : b
