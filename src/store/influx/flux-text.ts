import { fluxDateTime, fluxString, toFluxValue } from '@influxdata/influxdb-client'
import { instant, toIso } from '../../points/instant.ts'

/**
 * The one way in which a text gets into a script: quoted and escaped by InfluxDB's own client. But for the dollar
 * sign: the client escapes it before a brace only, and Flux takes it together with whatever follows, so that `$"`
 * would end the literal.
 */
export const text = (value: string): string =>
  `"${value
    .split('$')
    .map((part) => toFluxValue(fluxString(part)).slice(1, -1))
    .join('\\x24')}"`

/** What InfluxDB can hold: nanoseconds in 64 bits. */
const EARLIEST = -9_223_372_036_000
const LATEST = 9_223_372_036_000

export const time = (ms: number): string =>
  toFluxValue(fluxDateTime(toIso(instant(Math.min(LATEST, Math.max(EARLIEST, ms))))))

/** So many nanoseconds behind a millisecond. */
export const timeBehind = (ms: number, nanoseconds: number): string =>
  nanoseconds === 0 || ms < EARLIEST || ms >= LATEST
    ? time(ms)
    : toFluxValue(
        fluxDateTime(
          new Date(ms).toISOString().replace('Z', `${String(nanoseconds).padStart(6, '0')}Z`),
        ),
      )

/** `r["name"] == "value"`, with both quoted. */
export const equals = (column: string, value: string): string =>
  `r[${text(column)}] == ${text(value)}`

/** One of them; storage understands such a chain, and `contains()` it does not. */
export const oneOf = (column: string, values: readonly string[]): string =>
  `(${values.map((value) => equals(column, value)).join(' or ')})`

export const noneOf = (column: string, values: readonly string[]): string =>
  values.map((value) => `r[${text(column)}] != ${text(value)}`).join(' and ')

/** All of them; at least one. */
export const allOf = (conditions: readonly string[]): string => conditions.join(' and ')

/** `from |> range |> filter`: what storage answers by itself. */
export const source = (
  bucket: string,
  range: { readonly from: number; readonly to: number },
  conditions: readonly string[],
): string => sourceBetween(bucket, [time(range.from), time(range.to)], conditions)

/** As `source`, between two times as they stand in a script. */
export const sourceBetween = (
  bucket: string,
  [start, stop]: readonly [string, string],
  conditions: readonly string[],
): string => `from(bucket: ${text(bucket)})
    |> range(start: ${start}, stop: ${stop})
    |> filter(fn: (r) => ${allOf(conditions)})`
