import { AppError } from '../../app-error.ts'
import { parseTime } from '../../history/time-input.ts'
import { DAY, HOUR, instant, MINUTE, SECOND, type Instant } from '../../points/instant.ts'

const UNIT_MS: Readonly<Record<string, number>> = {
  s: SECOND,
  m: MINUTE,
  h: HOUR,
  d: DAY,
  w: 7 * DAY,
}

const SPAN = /^(?:\d+(?:\.\d+)?[smhdw])+$/i
const PIECE = /(\d+(?:\.\d+)?)([smhdw])/gi

/** Milliseconds of `90m`, `24h`, `7d`, `2w`, `1h30m`; undefined when it is no such text. */
export const parseSpan = (text: string): number | undefined => {
  if (!SPAN.test(text)) return undefined
  let ms = 0
  for (const [, amount, unit] of text.matchAll(PIECE))
    ms += Number(amount) * (UNIT_MS[(unit ?? '').toLowerCase()] ?? 0)
  return Number.isFinite(ms) ? ms : undefined
}

// a bare number is Unix seconds of our days; a shorter one is a span whose unit was forgotten
const OTHER_NUMBER = /^-?\d{0,8}(\.\d*)?$/

/**
 * The instant that a person means: `now`, a span (`24h` is 24 hours ago), or a time as the API takes it (UTC without
 * a zone). Throws an AppError `invalid` that names the option.
 */
export const parseMoment = (text: string, option: string, now: Instant): Instant => {
  const asked = text.trim()
  if (asked.toLowerCase() === 'now') return now
  const span = parseSpan(asked)
  const at = span === undefined ? timeOf(asked, option) : now - span
  if (at === undefined || at < 0)
    throw new AppError({
      code: 'invalid',
      detail: `${option}: '${asked}' is not a time. Use a span such as 90m, 24h or 7d, or a time such as 2025-01-18T10:00:00Z.`,
    })
  return instant(at)
}

const timeOf = (text: string, option: string): Instant | undefined => {
  if (OTHER_NUMBER.test(text)) return undefined
  try {
    return parseTime(option, text)
  } catch (error) {
    if (error instanceof AppError) return undefined
    throw error
  }
}

/** `FROM..TO`, each as `parseMoment` takes it. */
export const parsePeriod = (
  text: string,
  option: string,
  now: Instant,
): { readonly from: Instant; readonly to: Instant } => {
  const ends = text.split('..')
  const [from, to] = ends
  if (ends.length !== 2 || !from || !to)
    throw new AppError({
      code: 'invalid',
      detail: `${option}: '${text}' is not a period. Write FROM..TO, such as 2h..1h or 2025-01-18T10:00Z..2025-01-18T12:00Z.`,
    })
  return { from: parseMoment(from, option, now), to: parseMoment(to, option, now) }
}
