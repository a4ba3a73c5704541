declare const brand: unique symbol

/** Integer milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number & { readonly [brand]: true }

/** The one place where a number becomes an Instant; fractions of a millisecond are cut. */
export const instant = (ms: number): Instant => Math.trunc(ms) as Instant

/** A half-open stretch of time: `from <= t < to`. */
export type TimeRange = { readonly from: Instant; readonly to: Instant }

/** The start of the epoch-aligned window of `lengthMs` that holds `at`. */
export const windowStart = (at: number, lengthMs: number): Instant =>
  instant(Math.floor(at / lengthMs) * lengthMs)

/** The first epoch-aligned seam at or after `at`. */
export const windowCeil = (at: number, lengthMs: number): Instant =>
  instant(Math.ceil(at / lengthMs) * lengthMs)

/** `2025-01-18T10:00:00Z`; milliseconds are written only where there are any. */
export const toIso = (at: Instant): string => new Date(at).toISOString().replace('.000Z', 'Z')

export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
