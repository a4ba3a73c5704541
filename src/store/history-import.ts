import type { Dataset } from '../catalog/datasets.ts'
import type { RecordDataset } from '../catalog/records.ts'
import type { Tier } from '../catalog/tiers.ts'
import type { Instant, TimeRange } from '../points/instant.ts'
import type { StoredRecord } from '../points/record.ts'
import type { RangeQuery, SeriesColumns } from './range-query.ts'

/** One tier of one dataset. */
export type HistoryPart = { readonly dataset: Dataset; readonly tier: Tier }

/** A stretch of rows as they are stored, and what to ask for to find those that are there already. */
export type HistoryStretch = Pick<
  RangeQuery,
  'dataset' | 'tier' | 'measurements' | 'tags' | 'range'
> & { readonly rows: readonly SeriesColumns[] }

/** What has become of a stretch. A value is one number of one field, companions of means included. */
export type Taken = {
  /** Values of the stretch that are to be found in the store now: written, or there before. */
  readonly values: number
  /** Rows that are older than the store keeps them. */
  readonly tooOld: number
  /** Rows that the store will never take, and why. */
  readonly refused: number
  readonly why?: string
  /** The store has rows of its own in the stretch: between these, or with other values. */
  readonly beside: boolean
}

/**
 * A store that the history of another one is copied into, beside its server. What it has wins. Putting the same
 * stretch twice changes nothing. All methods reject with an AppError whose sentence says what to do.
 */
export type HistoryImport = {
  /** Another text for another store, or one that was made anew. */
  readonly identity: string
  /** Rows before this are not taken any more; null: there is no such limit. */
  keepsFrom(part: HistoryPart): Instant | null
  put(stretch: HistoryStretch): Promise<Taken>
  /** Writes records with their numbers; one that is there already stays as it is. */
  putRecords(
    dataset: RecordDataset,
    records: readonly StoredRecord[],
  ): Promise<Pick<Taken, 'tooOld' | 'refused' | 'why'>>
  recordCount(dataset: RecordDataset, measurement: string): Promise<number>
  /** The values that are there, by the start of the day (UTC); `range` is of whole days. */
  valuesByDay(part: HistoryPart, range: TimeRange): Promise<ReadonlyMap<number, number>>
  /** Makes the closed windows of a range of whole hours again out of raw rows. Resolves with the windows written. */
  rollUp(range: TimeRange): Promise<number>
  close(): Promise<void>
}
