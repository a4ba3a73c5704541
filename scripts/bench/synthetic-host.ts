import { METRICS } from '../../src/catalog/catalog.ts'
import { layoutTag, type Field, type Metric } from '../../src/catalog/metric.ts'
import { makeRandom, type Random } from '../../src/cli/seed/random.ts'
import { DAY, type Instant } from '../../src/points/instant.ts'
import type { Point, Tags } from '../../src/points/point.ts'

/** Hosts that the benches measure with. */
export type HostShape = {
  readonly cores: number
  readonly disks: number
  readonly interfaces: number
  readonly mounts: number
}

/** 23 rows a sample. */
export const SMALL: HostShape = { cores: 8, disks: 2, interfaces: 2, mounts: 2 }
export const LARGE: HostShape = { cores: 64, disks: 12, interfaces: 20, mounts: 40 }

/**
 * The points of a made-up host with every field of the catalogue: noisy percents with two decimals, byte counts in
 * steps of 4 KiB, rates as whole numbers or with one decimal, constants and zeros, over a slow daily rhythm. The same
 * each time.
 */
export const syntheticHost = (
  shape: HostShape,
  host: string,
): ((at: Instant) => readonly Point[]) => {
  const random = makeRandom(20_250_118)
  const series = METRICS.flatMap((metric: Metric) =>
    metric.series.flatMap(({ measurement, layout, fields }) => {
      const tag = layoutTag(layout)
      return keysOf(tag, shape).map((key, place) => ({
        measurement,
        tags: (tag === undefined ? { host } : { host, [tag]: key }) satisfies Tags,
        signals: Object.entries(fields).map(
          ([name, field]) => [name, signalOf(name, field, place, random)] as const,
        ),
      }))
    }),
  )
  return (at) => {
    const rhythm = 1 + 0.3 * Math.sin((at / DAY) * 2 * Math.PI)
    return series.map(({ measurement, tags, signals }) => ({
      measurement,
      tags,
      at,
      fields: Object.fromEntries(signals.map(([name, signal]) => [name, signal(rhythm)])),
    }))
  }
}

export const valuesOf = (points: readonly Point[]): number =>
  points.reduce((sum, point) => sum + Object.keys(point.fields).length, 0)

const keysOf = (tag: string | undefined, shape: HostShape): readonly string[] => {
  const named = (count: number, name: string) =>
    Array.from({ length: count }, (_, i) => `${name}${i}`)
  switch (tag) {
    case undefined:
      return ['']
    case 'core':
      return named(shape.cores, '')
    case 'interface':
      return named(shape.interfaces, 'eth')
    case 'device':
      return named(shape.disks, 'nvme')
    case 'mount':
      return named(shape.mounts, '/data/')
  }
  throw new Error(`The synthetic host has nothing with the tag ${tag}.`)
}

type Signal = (rhythm: number) => number

/** What is never busy on this host. */
const STILL =
  /^(steal|softirq|swap|pswp|hugepages|memory_|io_some|.*_full|errors|drops|processes_blocked)/

/** Noise around a level that follows the rhythm, in steps of the field's own resolution. */
const signalOf = (name: string, field: Field, place: number, random: Random): Signal => {
  // Every second device and interface is idle.
  if (STILL.test(name) || (place % 2 === 1 && /bytes_per_sec|packets|iops|latency|busy/.test(name)))
    return () => 0
  const noisy =
    (level: number, deviation: number, step: number): Signal =>
    (rhythm) =>
      Math.max(0, Math.round((level * rhythm + deviation * random.normal()) / step) * step)
  const decimal =
    (level: number, deviation: number, decimals: number): Signal =>
    (rhythm) => {
      const scale = 10 ** decimals
      return Math.max(0, Math.round((level * rhythm + deviation * random.normal()) * scale) / scale)
    }
  if (field.fold === 'last') return constantOf(name, field)
  switch (field.unit) {
    case 'percent':
      return decimal(20, 2, 2)
    case 'bytes':
      return noisy(4 * 2 ** 30, 300 * 4096, 4096)
    case 'bytes/s':
      return noisy(200_000, 20_000, 1)
    case 'MB/s':
      return decimal(900, 30, 1)
    case 'count/s':
      return field.jsonUnit === undefined ? decimal(3_000, 150, 1) : noisy(2e8, 2e6, 1)
    case 'packets/s':
    case 'operations/s':
      return decimal(300, 20, 1)
    case 'count':
      return name.startsWith('load_avg') ? decimal(1.5, 0.05, 2) : noisy(40, 3, 1)
    case 'MHz':
      return noisy(2_800, 80, 1)
    case 'celsius':
      return decimal(50, 1, 0)
    case 'ms':
      return decimal(1.2, 0.2, 3)
    case 'ms/s':
      return decimal(1_600, 120, 1)
    case 'ratio':
      return decimal(1.1, 0.05, 3)
    case 's':
      return () => 0
  }
}

/** Sizes stay; what is counted since the start grows. */
const constantOf = (name: string, field: Field): Signal => {
  let total = 1e11
  if (name.startsWith('total_bytes_')) return (rhythm) => (total += Math.round(rhythm * 1e5) * 10)
  if (field.unit === 's') return () => (total += 5)
  return () => (field.unit === 'bytes' ? 2 ** 34 : 8)
}
