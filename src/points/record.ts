import type { Instant } from './instant.ts'
import { canonicalTags, type Tags } from './point.ts'

/** `seq` tells records of one series and millisecond apart: a whole number below this. */
export const SEQ_LIMIT = 1_000_000

/** An event, a mood, a client's sample, a log line: unlike points, two at the same instant stay two. */
export type StoredRecord = {
  readonly measurement: string
  readonly tags: Tags
  readonly at: Instant
  readonly seq: number
  readonly fields: Readonly<Record<string, number | string>>
}

/**
 * As it is handed to a store. Without `seq` the store numbers it by a counter that outlives a restart, so that no
 * two are one; with it a second record of the same series, instant and `seq` is the same record and changes nothing.
 */
export type NewRecord = Omit<StoredRecord, 'seq'> & { readonly seq?: number }

/** The longest text of a field, bytes of UTF-8. */
export const TEXT_LIMIT_BYTES = 65_536

/** A text that every store can hold: what is no character (NUL, half of a pair) becomes U+FFFD. */
export const cleanText = (text: string): string => text.toWellFormed().replaceAll('\0', '\uFFFD')

const compare = <T extends number | string>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0)

type Place = Pick<StoredRecord, 'at' | 'seq' | 'tags'>

/** The order of records, ascending: by instant, then `seq`, then the series' tags. */
export const comparePlaces = (a: Place, b: Place): number =>
  compare(a.at, b.at) ||
  compare(a.seq, b.seq) ||
  compare(canonicalTags(a.tags), canonicalTags(b.tags))
