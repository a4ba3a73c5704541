import type { MetricName } from '../catalog/catalog.ts'
import type { Instant } from './instant.ts'

/** One row of one series as measured; null is "could not be read", never 0. `key` tells rows of one series apart. */
export type Row = {
  readonly measurement: string
  /** The value of the layout's tag (core number, interface, device, mount); absent for `object` series. */
  readonly key?: string
  readonly fields: Readonly<Record<string, number | null>>
}

/** What a collector gives for its metric at one tick. */
export type Reading =
  | {
      readonly kind: 'ok'
      readonly rows: readonly Row[]
      /** The values of the metric's `facts`, in the catalogue's order. */
      readonly facts?: readonly (string | number | null)[]
    }
  | {
      readonly kind: 'unavailable'
      readonly reason: string
      readonly facts?: readonly (string | number | null)[]
    }

export type CollectorError = { readonly collector: string; readonly message: string }

/** One tick of one host: what was read, and which collectors failed. */
export type Sample = {
  readonly at: Instant
  readonly host: string
  readonly readings: Readonly<Partial<Record<MetricName, Reading>>>
  readonly errors: readonly CollectorError[]
}
