import type { Dataset } from '../catalog/datasets.ts'
import type { RollupTier, Tier } from '../catalog/tiers.ts'
import type { Instant, TimeRange } from '../points/instant.ts'
import type { Point } from '../points/point.ts'
import type { RangeQuery, SeriesColumns } from './range-query.ts'
import type { RecordStore } from './records.ts'

/** What the planner may trust of one tier, for one host. */
export type TierCoverage = {
  /** The first and the last row; null: none. */
  readonly oldest: Instant | null
  readonly newest: Instant | null
  /** Reads before this find nothing: retention has cut there; null: never cut. */
  readonly horizon: Instant | null
}

export type RollupCoverage = TierCoverage & {
  /** Windows that end at or before this are rolled up, but for the dirty ones. */
  readonly rolledUpTo: Instant | null
  /** Windows whose raw rows changed after they were rolled up, merged, ascending, window-aligned. */
  readonly dirty: readonly TimeRange[]
}

export type Coverage = { readonly raw: TierCoverage } & Readonly<Record<RollupTier, RollupCoverage>>

export type Extent = {
  readonly oldest: Instant | null
  readonly newest: Instant | null
  /** True size on disk, bytes. */
  readonly bytes: number
  /** Rows (one per series and instant). */
  readonly points: number
}

export type HostExtent = {
  readonly host: string
  readonly firstSeen: Instant
  readonly lastSeen: Instant
}

/** How long one tier of one dataset is kept; null days: for good. */
export type RetentionRule = {
  readonly dataset: Dataset
  readonly tier: Tier
  readonly days: number | null
}
export type RetentionPolicy = readonly RetentionRule[]

export type Deletion = {
  readonly dataset: Dataset
  readonly tier: Tier
  readonly points: number
  readonly bytes: number
}

export type StoreHealth = {
  readonly kind: 'embedded' | 'influx'
  /** Sentences that say what is wrong; none: healthy. */
  readonly problems: readonly string[]
}

/** The spool in front of a remote store: counters since the start, and what waits in it now. */
export type SpoolFigures = {
  /** Accepted and not with the store yet. */
  readonly lines: number
  readonly bytes: number
  /** How long the oldest of them has waited. */
  readonly ageSeconds: number
  readonly sent: number
  readonly retries: number
  /** Refused by the store among good ones: too old, of another type. */
  readonly dropped: number
  /** Lines that the store will never take, kept in files. */
  readonly quarantined: number
  /** Records that the disk, or somebody, has changed. */
  readonly damaged: number
}

/** Counters since the start, and what is so now. */
export type StoreFigures = {
  readonly pointsWritten: number
  readonly pointsRefused: number
  readonly windowsRolledUp: number
  readonly dirtyWindows: number
  readonly bytes: number
  /** When the retention was applied last, by whom ever, also before a restart; null: never. */
  readonly lastRetention: Instant | null
  /** Of stores that have one. */
  readonly spool?: SpoolFigures
  /** Hours of tiers that the rollup under way has still before it; of stores that roll up by the range. */
  readonly rollupHoursLeft?: number
}

/**
 * The store of the series. One contract suite (`store.contract.ts`) runs over every adapter.
 * All methods reject with an AppError whose sentence says what to do.
 */
export type SeriesStore = {
  /** Events, moods, client samples, log lines: datasets whose rows are records. */
  readonly records: RecordStore
  /**
   * Resolves when the points are safe on disk and readable. One row per series and instant: a second write
   * merges by field, the last value of a field wins. All or nothing.
   */
  write(dataset: Dataset, points: readonly Point[]): Promise<void>
  /** Rows in time order, one entry per series that has any in the range, ordered by measurement and tags. */
  read(query: RangeQuery): Promise<readonly SeriesColumns[]>
  coverage(dataset: Dataset, host: string): Promise<Coverage>
  extent(dataset: Dataset, tier: Tier): Promise<Extent>
  hosts(): Promise<readonly HostExtent[]>
  /** The newest instant of a host's raw metrics; null: none. The sampler never ticks at or before it. */
  newest(host: string): Promise<Instant | null>
  measurements(dataset: Dataset): Promise<readonly string[]>
  /**
   * Deletes what is older than the policy allows, never beyond a tier's rolled-up mark, and reads are cut at the
   * policy from now on. `preview` only counts. Resolves with what was (would be) deleted.
   */
  applyRetention(
    policy: RetentionPolicy,
    options?: { readonly preview?: boolean },
  ): Promise<readonly Deletion[]>
  /** Rolls up what is due: closed windows and dirty ones; or all windows of a range. Resolves with the windows written. */
  rollUp(range?: TimeRange): Promise<number>
  /** What the store does by itself every few seconds: rollups, sealing, retention. Short steps; never overlaps. */
  maintain(): Promise<void>
  /** Deletes all of a host's points. */
  removeHost(host: string): Promise<void>
  /** Writes a consistent copy while the store runs. */
  backup(file: string): Promise<void>
  health(): StoreHealth
  figures(): StoreFigures
  close(): Promise<void>
}
