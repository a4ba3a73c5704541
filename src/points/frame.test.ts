import { describe, expect, it } from 'vitest'
import { findSeries, METRICS } from '../catalog/catalog.ts'
import type { Metric } from '../catalog/metric.ts'
import { frame, frameData } from './frame.ts'
import { instant } from './instant.ts'
import { layOut } from './layout.ts'
import type { Reading, Sample } from './sample.ts'
import { toPoints } from './to-points.ts'

const at = instant(Date.parse('2025-01-18T14:30:05Z'))

const sampleOf = (readings: Sample['readings']): Sample => ({
  at,
  host: 'web-1',
  readings,
  errors: [],
})

const cpu: Reading = {
  kind: 'ok',
  rows: [
    {
      measurement: 'cpu',
      fields: { usage_percent: 45.2, user: 30.5, load_avg_1: 0.5, load_avg_15: 0.1, iowait: null },
    },
    { measurement: 'cpu_core', key: '0', fields: { usage_percent: 40.1 } },
    { measurement: 'cpu_core', key: '2', fields: { usage_percent: 50.3, frequency_mhz: 3200 } },
  ],
}

describe('the live frame', () => {
  it('lays a sample out as the wire contract wants it, null where nothing was read', () => {
    expect(frameData(sampleOf({ cpu })).cpu).toEqual({
      usage_percent: 45.2,
      user: 30.5,
      system: null,
      idle: null,
      iowait: null,
      steal: null,
      softirq: null,
      interrupts: null,
      context_switches: null,
      load_avg: [0.5, null, 0.1],
      core_count: null,
      physical_cores: null,
      per_core: [40.1, null, 50.3],
      frequency_mhz: [null, null, 3200],
      temperature_celsius: [null, null, null],
    })
  })

  it('has every object of the contract even when no collector gave anything', () => {
    const { type, timestamp, data } = frame(sampleOf({}))
    expect(type).toBe('metrics')
    expect(timestamp).toBe('2025-01-18T14:30:05Z')
    expect(Object.keys(data)).toEqual([
      'cpu',
      'memory',
      'network',
      'disk',
      'perf',
      'perf_events',
      'memory_bandwidth',
      'pressure',
      'host',
    ])
    expect(data.network).toEqual({
      bytes_sent_per_sec: null,
      bytes_recv_per_sec: null,
      total_bytes_sent: null,
      total_bytes_recv: null,
      interfaces: {},
      connections: { established: null, time_wait: null, listen: null },
    })
    expect(data.disk).toEqual({
      io: { read_bytes_per_sec: null, write_bytes_per_sec: null },
      devices: {},
      partitions: {},
    })
  })

  it('says why hardware counters are not there, in both objects', () => {
    const reading: Reading = {
      kind: 'unavailable',
      reason: 'perf is not installed',
      facts: ['all', 1000],
    }
    const data = frameData(sampleOf({ perf_events: reading }))
    expect(data.perf).toEqual({
      available: false,
      reason: 'perf is not installed',
      ipc: null,
      cycles: null,
      instructions: null,
      l1i_cache_misses: null,
      l1d_cache_misses: null,
      l2_cache_misses: null,
      llc_misses: null,
      memory_bandwidth_read_mbps: null,
      memory_bandwidth_write_mbps: null,
    })
    expect(data.perf_events).toMatchObject({
      available: false,
      reason: 'perf is not installed',
      cpu_cores: 'all',
      interval_ms: 1000,
      events: { 'cpu-clock': { value: null, unit: null }, cycles: { value: null, unit: null } },
    })
  })

  it('shows a perf event with its unit and, where the seed has it, in `perf` too', () => {
    const rows = [{ measurement: 'perf', fields: { cycles: 3e9, cpu_clock: 1998.5, ipc: 1.85 } }]
    const data = frameData(sampleOf({ perf_events: { kind: 'ok', rows, facts: ['0-3', 500] } }))
    expect(data.perf).toMatchObject({ available: true, ipc: 1.85, cycles: 3e9 })
    expect(data.perf_events).toMatchObject({
      available: true,
      cpu_cores: '0-3',
      interval_ms: 500,
      events: {
        cycles: { value: 3e9, unit: 'count/s' },
        'cpu-clock': { value: 1998.5, unit: 'ms/s' },
        'iTLB-loads': { value: null, unit: null },
      },
    })
  })

  it('keeps an interface or mount called __proto__ as an own entry', () => {
    const rows = [
      { measurement: 'filesystem', key: '__proto__', fields: { total_bytes: 1 } },
      { measurement: 'filesystem', key: '/', fields: { total_bytes: 2 } },
    ]
    const text = JSON.stringify(frameData(sampleOf({ disk: { kind: 'ok', rows } })).disk)
    expect(text).toContain('"__proto__":{"total_bytes":1,')
    expect(text).toContain('"/":{"total_bytes":2,')
  })

  it('gives each frame objects of its own', () => {
    const one = frameData(sampleOf({ cpu }))
    const two = frameData(sampleOf({}))
    expect(one.cpu).not.toEqual(two.cpu)
    expect(frameData(sampleOf({})).cpu).toEqual(two.cpu)
  })
})

describe('the union that history answers', () => {
  it('merges perf and perf_events', () => {
    const metric: Metric | undefined = METRICS.find((one) => one.name === 'perf_events')
    if (metric === undefined) throw new Error('no perf_events')
    const value = (field: string) => (field === 'cycles' ? 7 : null)
    expect(layOut(metric, [{ measurement: 'perf', value }], 'union')).toMatchObject({
      available: true,
      cpu_cores: null,
      interval_ms: null,
      cycles: 7,
      l2_cache_misses: null,
      events: { cycles: { value: 7, unit: 'count/s' } },
    })
  })
})

describe('points of a sample', () => {
  it('tags rows by the layout, leaves out what was not read and rows without any value', () => {
    const points = toPoints(
      sampleOf({
        cpu,
        pressure: { kind: 'unavailable', reason: 'no PSI' },
        network: {
          kind: 'ok',
          rows: [
            { measurement: 'network_interface', key: 'eth0', fields: { errors_in: 0 } },
            { measurement: 'network_connections', fields: { listen: null, established: NaN } },
          ],
        },
      }),
    )
    expect(points).toEqual([
      {
        measurement: 'cpu',
        tags: { host: 'web-1' },
        fields: { usage_percent: 45.2, user: 30.5, load_avg_1: 0.5, load_avg_15: 0.1 },
        at,
      },
      {
        measurement: 'cpu_core',
        tags: { host: 'web-1', core: '0' },
        fields: { usage_percent: 40.1 },
        at,
      },
      {
        measurement: 'cpu_core',
        tags: { host: 'web-1', core: '2' },
        fields: { usage_percent: 50.3, frequency_mhz: 3200 },
        at,
      },
      {
        measurement: 'network_interface',
        tags: { host: 'web-1', interface: 'eth0' },
        fields: { errors_in: 0 },
        at,
      },
    ])
    for (const point of points) expect(findSeries(point.measurement)).toBeDefined()
  })
})
