import type { RecordDataset } from '../catalog/records.ts'
import type { Instant, TimeRange } from '../points/instant.ts'
import type { Tags } from '../points/point.ts'
import type { NewRecord, StoredRecord } from '../points/record.ts'

/** Which records: of one measurement, in a half-open range of time. */
export type RecordSelection = {
  readonly dataset: RecordDataset
  readonly measurement: string
  readonly range: TimeRange
  /** Tags that must be equal. */
  readonly tags: Tags
  /** Tags that must be one of these values. */
  readonly anyOf?: Readonly<Record<string, readonly string[]>>
  /** A text field must hold this text, whatever the case (of every alphabet). */
  readonly contains?: { readonly field: string; readonly text: string }
}

/** A place in the order of records, ascending: by instant, then `seq`, then the series' tags. */
export type RecordPlace = { readonly at: Instant; readonly seq: number; readonly tags: Tags }

export type RecordQuery = RecordSelection & {
  readonly order: 'oldest first' | 'newest first'
  readonly limit: number
  /** Only what comes behind this place in the order asked for: the last record of the page before. */
  readonly after?: RecordPlace
}

/** Values of one number field, in time order; the two arrays are equally long. */
export type ValueBlock = { readonly at: Float64Array; readonly value: Float64Array }

/** One series of records, as a whole. */
export type RecordSeriesSummary = {
  readonly tags: Tags
  readonly first: Instant
  readonly last: Instant
  readonly count: number
}

/**
 * The records of a store: events, moods, client samples, log lines. One contract suite (`records.contract.ts`) runs
 * over every adapter. All methods reject with an AppError whose sentence says what to do.
 */
export type RecordStore = {
  /**
   * Resolves when the records are safe on disk and, while the store is up, readable by the next question. All or
   * nothing. Many single records at once share one commit.
   */
  append(dataset: RecordDataset, records: readonly NewRecord[]): Promise<void>
  /** At most `limit` records in the order asked for. */
  find(query: RecordQuery): Promise<readonly StoredRecord[]>
  /** Every value of a number field in time order, in blocks, so that a million of them need little memory. */
  values(selection: RecordSelection, field: string): AsyncIterable<ValueBlock>
  /** The series of a measurement whose tags hold `tags`, ordered by their tags. */
  series(
    dataset: RecordDataset,
    measurement: string,
    tags: Tags,
  ): Promise<readonly RecordSeriesSummary[]>
  /** Deletes every record of the series of a measurement whose tags hold `tags` (at least one). */
  remove(dataset: RecordDataset, measurement: string, tags: Tags): Promise<void>
}
