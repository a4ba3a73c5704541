import { describe, expect, it } from 'vitest'
import { METRICS } from '../../catalog/catalog.ts'
import type { Metric } from '../../catalog/metric.ts'
import { HOUR, instant, type Instant } from '../../points/instant.ts'
import type { Row, Sample } from '../../points/sample.ts'
import { toPoints } from '../../points/to-points.ts'
import { shapeOf, SMALL_SERVER } from './shape.ts'
import { makeSyntheticHost } from './synthetic-host.ts'

/** A Monday. */
const MONDAY = Date.UTC(2025, 0, 13)

const samplesOf = (options: {
  readonly from: number
  readonly count: number
  readonly stepMs: number
  readonly seed?: number
}): readonly Sample[] => {
  const host = makeSyntheticHost({ host: 'demo', seed: options.seed ?? 1 })
  return Array.from({ length: options.count }, (_, index) =>
    host.sampleAt(instant(options.from + index * options.stepMs)),
  )
}

const rowsOf = (sample: Sample, measurement: string): readonly Row[] =>
  Object.values(sample.readings).flatMap((reading) =>
    reading.kind === 'ok' ? reading.rows.filter((row) => row.measurement === measurement) : [],
  )
const valueOf = (sample: Sample, measurement: string, field: string): number => {
  const value = rowsOf(sample, measurement)[0]?.fields[field]
  if (value === null || value === undefined) throw new Error(`${measurement} has no ${field}`)
  return value
}
const meanOf = (samples: readonly Sample[], measurement: string, field: string): number =>
  samples.reduce((sum, sample) => sum + valueOf(sample, measurement, field), 0) / samples.length

// one sample a minute through a whole week
const week = samplesOf({ from: MONDAY, count: 7 * 1440, stepMs: 60_000 })
const hoursOf = (day: number, from: number, to: number) =>
  week.slice((day * 24 + from) * 60, (day * 24 + to) * 60)

describe('a synthetic host', () => {
  it('has every field of every metric of the catalogue, and no other', () => {
    const expected = Object.fromEntries(
      METRICS.flatMap((metric: Metric) =>
        metric.series.map((series) => [series.measurement, Object.keys(series.fields).sort()]),
      ),
    )
    const [sample] = week
    if (sample === undefined) throw new Error('There is no sample.')
    const given = Object.fromEntries(
      Object.keys(expected).map((measurement) => [
        measurement,
        Object.keys(rowsOf(sample, measurement)[0]?.fields ?? {}).sort(),
      ]),
    )
    expect(given).toEqual(expected)
  })

  it('gives the same samples for the same seed and others for another', () => {
    const options = { from: MONDAY, count: 200, stepMs: 5_000 }
    expect(samplesOf(options)).toEqual(samplesOf(options))
    expect(samplesOf(options)).not.toEqual(samplesOf({ ...options, seed: 2 }))
  })

  it('writes finite numbers only, under its own host', () => {
    for (const sample of week.slice(0, 1440))
      for (const point of toPoints(sample)) {
        expect(point.tags['host']).toBe('demo')
        expect(Object.values(point.fields).every(Number.isFinite)).toBe(true)
      }
  })

  it('keeps every percent in 0..100 and nothing below 0', () => {
    const wrong = week.flatMap((sample) =>
      Object.values(sample.readings).flatMap((reading) =>
        reading.kind === 'ok'
          ? reading.rows.flatMap((row) =>
              Object.entries(row.fields).filter(
                ([name, value]) =>
                  value !== null &&
                  (value < 0 || (/percent|user|system|idle|iowait/.test(name) && value > 100)),
              ),
            )
          : [],
      ),
    )
    expect(wrong).toEqual([])
  })

  it('agrees with itself: shares add up, usage is the mean of the cores, totals the sum of the parts', () => {
    for (const sample of week.filter((_, index) => index % 50 === 0)) {
      const cpu = (field: string) => valueOf(sample, 'cpu', field)
      const cores = rowsOf(sample, 'cpu_core').map((row) => row.fields['usage_percent'] ?? 0)
      const sum = (measurement: string, field: string) =>
        rowsOf(sample, measurement)
          .filter((row) => row.key !== 'lo')
          .reduce((total, row) => total + (row.fields[field] ?? 0), 0)
      const shares = ['user', 'system', 'softirq', 'steal', 'iowait', 'idle'].map(cpu)
      expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(100, 6)
      expect(cpu('usage_percent')).toBeCloseTo(cores.reduce((a, b) => a + b, 0) / cores.length, 1)
      expect(valueOf(sample, 'disk', 'write_bytes_per_sec')).toBeCloseTo(
        sum('disk_device', 'write_bytes_per_sec'),
        0,
      )
      expect(valueOf(sample, 'network', 'bytes_recv_per_sec')).toBeCloseTo(
        sum('network_interface', 'bytes_recv_per_sec'),
        0,
      )
      expect(
        valueOf(sample, 'memory', 'used_bytes') + valueOf(sample, 'memory', 'available_bytes'),
      ).toBe(SMALL_SERVER.memoryBytes)
    }
  })

  it('works by day, sleeps by night and rests on the weekend', () => {
    const day = meanOf(hoursOf(1, 10, 16), 'cpu', 'usage_percent')
    const night = meanOf(hoursOf(1, 22, 24), 'cpu', 'usage_percent')
    const sunday = meanOf(hoursOf(6, 10, 16), 'cpu', 'usage_percent')
    expect(day).toBeGreaterThan(2 * night)
    expect(sunday).toBeLessThan(0.75 * day)
    expect(night).toBeGreaterThan(0)
  })

  it('backs itself up at night: the disks work while the processors hardly do', () => {
    const backup = hoursOf(2, 2, 3).slice(32, 53)
    const before = hoursOf(2, 1, 2)
    expect(meanOf(backup, 'disk', 'read_bytes_per_sec')).toBeGreaterThan(
      3 * meanOf(before, 'disk', 'read_bytes_per_sec'),
    )
    expect(meanOf(backup, 'disk', 'read_bytes_per_sec')).toBeGreaterThan(2e7)
  })

  it('lets cores differ', () => {
    const busiest = SMALL_SERVER.cores
    const means = Array.from({ length: busiest }, (_, core) => {
      const values = hoursOf(0, 9, 17).map(
        (sample) => rowsOf(sample, 'cpu_core')[core]?.fields['usage_percent'] ?? 0,
      )
      return values.reduce((a, b) => a + b, 0) / values.length
    })
    expect(Math.max(...means) - Math.min(...means)).toBeGreaterThan(1)
  })

  it('counts totals up and never back', () => {
    const totals = week.map((sample) => valueOf(sample, 'network', 'total_bytes_recv'))
    expect(totals.every((total, index) => index === 0 || total >= (totals[index - 1] ?? 0))).toBe(
      true,
    )
  })

  it('has the hardware of its shape', () => {
    const shape = shapeOf({ cores: 64, interfaces: 20, disks: 12, mounts: 40 })
    const at: Instant = instant(MONDAY + 10 * HOUR)
    const sample = makeSyntheticHost({ host: 'big', seed: 1, shape }).sampleAt(at)
    const counts = ['cpu_core', 'network_interface', 'disk_device', 'filesystem'].map(
      (measurement) => rowsOf(sample, measurement).length,
    )
    expect(counts).toEqual([64, 21, 12, 40])
  })
})
