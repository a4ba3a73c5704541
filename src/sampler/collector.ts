import type { METRICS, MetricName } from '../catalog/catalog.ts'
import type { Instant } from '../points/instant.ts'
import type { Reading, Row } from '../points/sample.ts'

/** One round of sampling. Two collectors that are given the same object may share what they read. */
export type Tick = {
  /** The sample's time. */
  readonly at: Instant
  /** The monotonic clock when the round began, in milliseconds: rates are made from this. */
  readonly monotonicMs: number
}

/** Reads one metric of the host. State for rates is closed over; what fails throws or rejects. */
export type Collector = {
  readonly metric: MetricName
  /** How long `collect` may take; 2 s where it says nothing, and never more than half the interval. */
  readonly deadlineMs?: number
  /** Not called again while an earlier call has not settled. */
  collect(tick: Tick): Reading | Promise<Reading>
  close?(): void
}

type AnySeries = (typeof METRICS)[number]['series'][number]
export type Measurement = AnySeries['measurement']

/** Every field that the catalogue names for a series: one left out, or one too many, does not compile. */
export type FieldsOf<M extends Measurement> = Readonly<
  Record<keyof Extract<AnySeries, { measurement: M }>['fields'] & string, number | null>
>

/** A row of a series of the catalogue; `key` is the value of its layout's tag. */
export const row = <M extends Measurement>(
  measurement: M,
  fields: FieldsOf<M>,
  key?: string,
): Row => (key === undefined ? { measurement, fields } : { measurement, key, fields })
