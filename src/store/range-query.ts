import type { Dataset } from '../catalog/datasets.ts'
import type { Tier } from '../catalog/tiers.ts'
import type { TimeRange } from '../points/instant.ts'
import type { Tags } from '../points/point.ts'

/** What stands beside a mean-folded value: the extremes of the window and how many raw values it holds. */
export const BESIDE = ['min', 'max', 'n'] as const
export type Beside = (typeof BESIDE)[number]

/** A question to the store as data: no Flux, no SQL. */
export type RangeQuery = {
  readonly dataset: Dataset
  readonly measurements: readonly string[]
  /** Tags that must be equal; `host` for host metrics. */
  readonly tags: Tags
  /** The fields wanted; absent: all. */
  readonly fields?: readonly string[]
  /** Where the rows come from. */
  readonly tier: Tier
  /** Rows with `from <= at < to`. With `windowMs` both ends are seams of it. */
  readonly range: TimeRange
  /**
   * Fold the rows into epoch-aligned windows of this length, labelled by their start, each field by the
   * catalogue's fold (mean for what it does not know); from a rollup tier means are weighted by n.
   * Absent: the rows as they are stored.
   */
  readonly windowMs?: number
  /** Which companions to read; without any only the values are. */
  readonly beside: readonly Beside[]
}

/** One column; NaN is "no value". All arrays are as long as the series' `at`. */
export type Column = {
  readonly value: Float64Array
  readonly min?: Float64Array
  readonly max?: Float64Array
  readonly n?: Float64Array
}

/** The answer for one series: instants ascending, milliseconds, no duplicates. */
export type SeriesColumns = {
  readonly measurement: string
  readonly tags: Tags
  readonly at: Float64Array
  readonly fields: Readonly<Record<string, Column>>
}
