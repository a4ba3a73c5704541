import type { Instant } from './instant.ts'

export type Tags = Readonly<Record<string, string>>

/**
 * One row of one series at one instant. A field that was not measured is left out:
 * every field here is a finite number. Tags always hold `host` for host metrics.
 */
export type Point = {
  readonly measurement: string
  readonly tags: Tags
  readonly fields: Readonly<Record<string, number>>
  readonly at: Instant
}

/** A text that is equal for equal series: measurement and tags in the order of their names. */
export const seriesKey = (measurement: string, tags: Tags): string =>
  measurement + canonicalTags(tags)

/** Tags as JSON with sorted names. */
export const canonicalTags = (tags: Tags): string =>
  JSON.stringify(
    Object.fromEntries(Object.entries(tags).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))),
  )
