import { AppError } from '../app-error.ts'
import { instant, type Instant } from '../points/instant.ts'

const UNIX_SECONDS = /^-?\d+(\.\d+)?$/
const ISO =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:[.,](\d+))?)?)?(?:Z|([+-])(\d{2})(?::?(\d{2}))?)?$/i
/** `2025-01-18T10:00:00 02:00`: the `+` of an offset that was not encoded arrives as a space. */
const LOST_PLUS = /([T ]\d{2}:\d{2}\S*) (\d{2}:\d{2})$/i

/** The last instant that is a four-digit year. */
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

/**
 * An instant as a client may write it: ISO 8601 with `Z` or an offset, without either UTC; or Unix seconds.
 * Fractions of a millisecond are cut. Throws an AppError `invalid` that names the parameter.
 */
export const parseTime = (parameter: string, text: string): Instant => {
  const trimmed = text.trim()
  const ms = UNIX_SECONDS.test(trimmed) ? unixMs(trimmed) : isoMs(trimmed)
  if (ms === undefined || !(Math.abs(ms) <= LATEST))
    throw new AppError({
      code: 'invalid',
      detail: `${parameter} must be a time such as 2025-01-18T10:00:00Z or Unix seconds`,
    })
  return instant(ms)
}

/** Rounded to the microsecond first: 1649596019.895 s is not exact in binary. */
const unixMs = (text: string): number => Math.round(Number(text) * 1e6) / 1e3

const isoMs = (text: string): number | undefined => {
  const match = ISO.exec(text.replace(LOST_PLUS, '$1+$2'))
  if (match === null) return undefined
  const [, date = '', time = '00:00', seconds = '00', fraction = '', sign, hours, minutes] = match
  const ms = Date.parse(`${date}T${time}:${seconds}.${fraction.padEnd(3, '0').slice(0, 3)}Z`)
  // Date.parse takes 30 February for 2 March.
  if (Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(date)) return undefined
  if (sign === undefined) return ms
  const [h, m] = [Number(hours), Number(minutes ?? 0)]
  if (h > 23 || m > 59) return undefined
  return ms - (sign === '-' ? -1 : 1) * (h * 60 + m) * 60_000
}
