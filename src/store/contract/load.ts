import { expect } from 'vitest'
import { TIER_MS, type RollupTier } from '../../catalog/tiers.ts'
import { HOUR, MINUTE } from '../../points/instant.ts'
import { seriesKey, type Point } from '../../points/point.ts'
import { foldRows, rawCell, type Cell, type Row, type Rows } from '../../testing/fold-rows.ts'
import type { SeriesColumns } from '../range-query.ts'
import type { SeriesStore } from '../store.ts'
import { point, question } from './questions.ts'

/** Measurements with every fold that the catalogue has. */
export const LOADED = ['cpu', 'network', 'network_interface'] as const

/** A small generator, so that the load is the same each time. */
const random = (seed: number) => {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}

/**
 * A sample every 5 s: fields with holes, a minute that begins late, one with a single sample, one without any, ten
 * minutes of silence.
 */
export const load = (start: number, hours: number, seed = 1): readonly Point[] => {
  const next = random(seed)
  const points: Point[] = []
  let sent = 1e12
  for (let at = start; at < start + hours * HOUR; at += 5_000) {
    const minute = Math.floor((at - start) / MINUTE) % 60
    const second = ((at - start) / 1_000) % 60
    const value = Math.round(next() * 10_000) / 100
    sent += Math.floor(next() * 1e6)
    if (minute === 7 || (minute >= 40 && minute < 50)) continue
    if (minute === 8 && second < 35) continue
    if (minute === 9 && second !== 20) continue
    points.push(
      point(at, {
        usage_percent: value,
        load_avg_1: value / 7,
        core_count: minute < 30 ? 4 : 8,
        ...(next() < 0.2 ? {} : { user: -value }),
      }),
      point(at, { total_bytes_sent: sent }, { measurement: 'network' }),
      ...['eth0', 'lo'].map((name) =>
        point(
          at,
          { errors_in: Math.floor(next() * 3), bytes_sent_per_sec: Math.floor(next() * 1e9) },
          { measurement: 'network_interface', tags: { interface: name } },
        ),
      ),
    )
  }
  return points
}

/** What the windows of a tier must be: the raw rows folded by brute force. */
export const expectedWindows = (points: readonly Point[], tier: RollupTier): Map<string, Rows> => {
  const raw = new Map<string, Map<number, Row>>()
  const measurements = new Map<string, string>()
  for (const { measurement, tags, at, fields } of points) {
    const key = seriesKey(measurement, tags)
    measurements.set(key, measurement)
    const rows = raw.get(key) ?? new Map<number, Row>()
    raw.set(key, rows)
    const cells = Object.entries(fields).map(
      ([field, value]) => [field, rawCell(measurement, field, value)] as const,
    )
    rows.set(at, { ...rows.get(at), ...Object.fromEntries(cells) })
  }
  return new Map(
    [...raw].map(([key, rows]) => [
      key,
      foldRows(measurements.get(key) ?? '', rows, TIER_MS[tier]),
    ]),
  )
}

/** Reads a whole tier of the host, with companions. */
export const readTier = (store: SeriesStore, tier: RollupTier) =>
  store.read(question({ measurements: LOADED, tier, beside: ['min', 'max', 'n'] }))

/** Means within 1e-6 relative, everything else exactly. */
export const expectWindows = (
  answer: readonly SeriesColumns[],
  expected: ReadonlyMap<string, Rows>,
) => {
  const found = new Map(
    answer.map((one) => {
      const key = seriesKey(one.measurement, one.tags)
      return [key, rowsOf(one, expected.get(key) ?? new Map<number, Row>())]
    }),
  )
  const asked = new Map([...expected].filter(([, rows]) => rows.size > 0))
  expect(found).toEqual(asked)
}

/** Rows of an answer; a mean that is near enough to the expected one is given as that. */
const rowsOf = (one: SeriesColumns, expected: Rows): Rows => {
  const rows = new Map<number, Row>()
  for (const [place, at] of one.at.entries()) {
    const cells: [string, Cell][] = []
    for (const [field, column] of Object.entries(one.fields)) {
      const value = column.value[place] ?? Number.NaN
      if (Number.isNaN(value)) continue
      const mean = expected.get(at)?.[field]
      const beside = Object.fromEntries(
        (['min', 'max', 'n'] as const).flatMap((part) => {
          const number = column[part]?.[place]
          return number === undefined ? [] : [[part, number]]
        }),
      )
      cells.push([
        field,
        mean?.n !== undefined && isNear(value, mean.value)
          ? { value: mean.value, ...beside }
          : { value, ...beside },
      ])
    }
    rows.set(at, Object.fromEntries(cells))
  }
  return rows
}

const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-6 * Math.abs(b)
