import { describe, expect, it } from 'vitest'
import { CONTRACT_METRICS, findField, findMetric, HOST_MEASUREMENTS, METRICS } from './catalog.ts'
import { layoutTag, type Metric } from './metric.ts'
import { PERF_EVENTS, perfField } from './perf-events.ts'
import { ROLLUP_SUFFIXES } from './tiers.ts'

const metrics: readonly Metric[] = METRICS
const series = metrics.flatMap((metric) => metric.series)
const tags = ['host', ...series.flatMap((one) => layoutTag(one.layout) ?? [])]

describe('the catalogue', () => {
  it('lists the six metrics of the wire contract in alphabetical order', () => {
    expect(CONTRACT_METRICS).toEqual([
      'cpu',
      'disk',
      'memory',
      'memory_bandwidth',
      'network',
      'perf_events',
    ])
  })

  it('names the measurements that people query in InfluxDB', () => {
    expect(HOST_MEASUREMENTS).toEqual([
      'cpu',
      'cpu_core',
      'memory',
      'network',
      'network_interface',
      'network_connections',
      'disk',
      'disk_device',
      'filesystem',
      'perf',
      'memory_bandwidth',
      'pressure',
      'host',
    ])
  })

  it('gives each measurement to one series only', () => {
    const names = series.map((one) => one.measurement)
    expect(names).toEqual([...new Set(names)])
  })

  it.each(series.map((one) => [one.measurement, one] as const))(
    'has no field in %s that a rollup suffix or a tag would collide with',
    (_name, one) => {
      const names = Object.keys(one.fields)
      expect(names.filter((name) => ROLLUP_SUFFIXES.some((end) => name.endsWith(end)))).toEqual([])
      expect(names.filter((name) => tags.includes(name))).toEqual([])
      expect(names.filter((name) => !/^[a-z][a-z0-9_]*$/.test(name))).toEqual([])
    },
  )

  it.each(metrics.map((metric) => [metric.name, metric] as const))(
    'summarises %s by fields that exist',
    (_name, metric) => {
      for (const { measurement, fields } of metric.primary)
        for (const field of fields) expect(findField(measurement, field)).toBeDefined()
    },
  )

  it('folds totals and sizes by last, counted errors by sum, the rest by mean', () => {
    const folds = series.flatMap((one) =>
      Object.entries(one.fields).map(([name, field]) => [`${one.measurement}.${name}`, field.fold]),
    )
    const of = (fold: string) => folds.flatMap(([name, one]) => (one === fold ? [name] : []))
    expect(of('sum')).toEqual([
      'network_interface.errors_in',
      'network_interface.errors_out',
      'network_interface.drops_in',
      'network_interface.drops_out',
    ])
    expect(of('last')).toEqual([
      'cpu.core_count',
      'cpu.physical_cores',
      'memory.total_bytes',
      'memory.swap_total_bytes',
      'memory.hugepages_total',
      'network.total_bytes_sent',
      'network.total_bytes_recv',
      'filesystem.total_bytes',
      'host.uptime_seconds',
      'host.file_handles_limit',
    ])
    expect(of('max')).toEqual([])
  })

  it('keeps the 17 perf events under lower case names', () => {
    expect(PERF_EVENTS).toHaveLength(17)
    expect(perfField('L1-dcache-load-misses')).toBe('l1_dcache_load_misses')
    for (const event of PERF_EVENTS) expect(findField('perf', perfField(event))).toBeDefined()
  })

  it.each([
    ['perf', 'perf_events'],
    ['perf_events', 'perf_events'],
    ['cpu', 'cpu'],
    ['gpu', undefined],
    ['__proto__', undefined],
    ['constructor', undefined],
  ])('finds %s as %s', (asked, found) => {
    expect(findMetric(asked)?.name).toBe(found)
  })
})
