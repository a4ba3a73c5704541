import type { Clock } from '../points/clock.ts'
import type { SeriesStore } from '../store/store.ts'

/** What the verbs of history need; the store's other methods are not their business. */
export type HistoryDeps = {
  readonly store: Pick<SeriesStore, 'read' | 'coverage' | 'measurements' | 'hosts'>
  readonly clock: Pick<Clock, 'now'>
  readonly samplingIntervalMs: () => number
  /** This server's own host: what a question without `host` means. */
  readonly host: string
  /** How many series a measurement of a host has, where that is known for nothing (the newest sample); else 1 counts. */
  readonly seriesCount?: (measurement: string, host: string) => number | undefined
  /** More values than this are refused. */
  readonly maxValues?: number
}

/** An answer, as a value for programs, and as text for the wire: JSON as bytes, which is several times faster. */
export type Answered<Value> = {
  readonly value: () => Value
  readonly json: () => Uint8Array<ArrayBuffer>
  readonly csv: () => string
}
