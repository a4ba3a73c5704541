/**
 * Counter maths. An unknown number is undefined or NaN on the way in and null on the way out: never 0.
 */

/**
 * By how much a counter grew. null where either side is unknown, and where it fell: that is a reset. A counter
 * of 32 bits that wrapped looks the same and is treated the same; guessing would invent gigabytes.
 */
export const growth = (before: number | undefined, now: number | undefined): number | null => {
  if (before === undefined || now === undefined) return null
  const grown = now - before
  return Number.isFinite(grown) && grown >= 0 ? grown : null
}

/** `grown` in `elapsedMs` of the monotonic clock, as a rate per second to a tenth; null where no time passed. */
export const perSecond = (grown: number | null, elapsedMs: number): number | null =>
  grown === null || !(elapsedMs > 0) ? null : rounded((grown * 1_000) / elapsedMs, 1)

/** The sum of what is known; null where nothing is. */
export const sumKnown = (values: Iterable<number | null>): number | null => {
  let sum: number | null = null
  for (const value of values) if (value !== null) sum = (sum ?? 0) + value
  return sum
}

/** `part` of `whole` in percent to two places, within 0..100; null where the whole is unknown or nothing. */
export const percent = (part: number, whole: number): number | null => {
  const share = (part / whole) * 100
  return Number.isFinite(share) ? rounded(Math.min(100, Math.max(0, share)), 2) : null
}

/**
 * Rounded to so many places, null where it is no finite number. Samples are rounded because digits beyond what
 * the kernel can know cost the store eight bytes a value instead of one.
 */
export const rounded = (value: number | null, places: number): number | null => {
  if (value === null || !Number.isFinite(value)) return null
  const scale = 10 ** places
  return Math.round(value * scale) / scale
}

/** The number where it is one, else null. */
export const known = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? value : null

export type Since<T> = {
  /** What was given the last time; undefined at the first. */
  readonly before: T | undefined
  /** Between the two, in milliseconds; 0 at the first. */
  readonly elapsedMs: number
}

/** Remembers one reading: each call gives back the one before. */
export const sinceLast = <T>(): ((now: T, monotonicMs: number) => Since<T>) => {
  let last: { readonly value: T; readonly monotonicMs: number } | undefined
  return (now, monotonicMs) => {
    const before = last
    last = { value: now, monotonicMs }
    return before === undefined
      ? { before: undefined, elapsedMs: 0 }
      : { before: before.value, elapsedMs: monotonicMs - before.monotonicMs }
  }
}
