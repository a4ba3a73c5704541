import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { HOUR, type Instant } from '../../src/points/instant.ts'
import type { Point, Tags } from '../../src/points/point.ts'

export const RECORDED_HOUR = new URL('recorded-hour.json.gz', import.meta.url)

export type RecordedSeries = {
  readonly measurement: string
  readonly tags: Tags
  /** Milliseconds since the start of the hour. */
  readonly at: readonly number[]
  readonly fields: Readonly<Record<string, readonly (number | null)[]>>
}

/**
 * An hour of a real machine, every field that the sampler found every 5 s, while software was built and tested on it.
 * Replayed at any instants, by their place in the hour.
 */
export const recordedHour = (host: string): ((at: Instant) => readonly Point[]) => {
  const { series } = JSON.parse(gunzipSync(readFileSync(RECORDED_HOUR)).toString()) as {
    series: readonly RecordedSeries[]
  }
  const rows = series.map((one) => new Map(one.at.map((time, row) => [time, row])))
  return (at) =>
    series.flatMap(({ measurement, tags, fields }, i) => {
      const row = rows[i]?.get(at % HOUR)
      if (row === undefined) return []
      const values = Object.entries(fields).flatMap(([name, column]): [string, number][] => {
        const value = column[row]
        return value === null || value === undefined ? [] : [[name, value]]
      })
      if (values.length === 0) return []
      return [{ measurement, tags: { ...tags, host }, at, fields: Object.fromEntries(values) }]
    })
}
