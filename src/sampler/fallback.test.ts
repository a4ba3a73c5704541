import { describe, expect, it } from 'vitest'
import { METRIC_NAMES } from '../catalog/catalog.ts'
import { instant } from '../points/instant.ts'
import type { Reading } from '../points/sample.ts'
import { fallbackCollectors, loadFallbackSource, needsFallback } from './fallback.ts'
import type { FallbackSource } from './fallback/source.ts'

/** A Mac, as systeminformation answers; each call to a counter gives the next of its answers. */
const mac = (change: Partial<FallbackSource> = {}): FallbackSource => {
  const stats = turns(
    [
      iface('lo0', 500, 500),
      iface('en0', 1_000, 2_000, { rx_errors: 1 }),
      iface('utun0', 10, 20),
      // it could not be asked
      iface('gif0', 0, 0, { operstate: 'unknown' }),
    ],
    [
      iface('lo0', 900, 900),
      iface('en0', 3_000, 8_000, { rx_errors: 4 }),
      // it began anew
      iface('utun0', 5, 40),
    ],
  )
  const io = turns({ rx: 1_000_000, wx: 0 }, { rx: 3_000_000, wx: 500_000 })
  return {
    currentLoad: async () => ({
      currentLoadUser: 12,
      currentLoadNice: 3,
      currentLoadSystem: 4.5,
      currentLoadIrq: 0.5,
      currentLoadIdle: 80,
      cpus: [{ load: 30 }, { load: 10 }],
    }),
    cpu: async () => ({ physicalCores: 2 }),
    mem: async () => ({
      total: 16_000,
      available: 4_000,
      buffcache: 3_000,
      swaptotal: 2_000,
      swapused: 500,
      swapfree: 1_500,
    }),
    networkStats: async () => stats(),
    fsStats: async () => io(),
    fsSize: async () => [
      { mount: '/', size: 1_000, used: 250 },
      { mount: '/dev', size: 0, used: 0 },
      { mount: '', size: 10, used: 1 },
      { mount: '/odd', size: 10, used: Number.NaN },
    ],
    time: () => ({ uptime: 3_600.7 }),
    ...change,
  }
}

const iface = (name: string, received: number, sent: number, more: object = {}) => ({
  iface: name,
  operstate: 'up',
  rx_bytes: received,
  tx_bytes: sent,
  rx_errors: 0,
  tx_errors: 0,
  rx_dropped: 0,
  tx_dropped: 0,
  ...more,
})

const turns = <T>(...answers: readonly T[]): (() => T) => {
  let next = 0
  return () => {
    const answer = answers[Math.min(next++, answers.length - 1)]
    if (answer === undefined) throw new Error('no answer')
    return answer
  }
}

/** Two samples, two seconds apart, of one metric. */
const sample = async (
  metric: string,
  source: FallbackSource = mac(),
  platform = 'darwin',
): Promise<[Reading, Reading]> => {
  const collector = fallbackCollectors({
    source,
    platform,
    loadAverage: () => [1.234, 0.5, 0.25],
  }).find((one) => one.metric === metric)
  if (collector === undefined) throw new Error(`no collector of ${metric}`)
  const collect = async (monotonicMs: number) => collector.collect({ at: instant(0), monotonicMs })
  return [await collect(1_000), await collect(3_000)]
}

describe('on a system without /proc', () => {
  it('every metric but the performance events is read, or says why not', async () => {
    const metrics = fallbackCollectors({ source: mac(), platform: 'darwin' }).map(
      ({ metric }) => metric,
    )
    expect([...metrics, 'perf_events'].toSorted()).toEqual(METRIC_NAMES.toSorted())
    for (const metric of ['memory_bandwidth', 'pressure'])
      expect((await sample(metric))[1]).toEqual({
        kind: 'unavailable',
        reason: expect.stringMatching(/which this system does not have\.$/),
      })
  })

  it('the processors are read, without what only Linux tells', async () => {
    const [first, second] = await sample('cpu')
    const unknown = {
      iowait: null,
      steal: null,
      softirq: null,
      interrupts: null,
      context_switches: null,
    }
    const fixed = {
      load_avg_1: 1.23,
      load_avg_5: 0.5,
      load_avg_15: 0.25,
      core_count: 2,
      physical_cores: 2,
    }
    const core = (key: string, usage_percent: number | null) => ({
      measurement: 'cpu_core',
      key,
      fields: { usage_percent, frequency_mhz: null, temperature_celsius: null },
    })
    const shares = (usage_percent: number, user: number, system: number, idle: number) => ({
      usage_percent,
      user,
      system,
      idle,
    })
    expect(second).toEqual({
      kind: 'ok',
      rows: [
        { measurement: 'cpu', fields: { ...shares(20, 15, 5, 80), ...unknown, ...fixed } },
        core('0', 30),
        core('1', 10),
      ],
    })
    // the first answer is the mean since boot
    const none = { usage_percent: null, user: null, system: null, idle: null }
    expect(first).toEqual({
      kind: 'ok',
      rows: [
        { measurement: 'cpu', fields: { ...none, ...unknown, ...fixed } },
        core('0', null),
        core('1', null),
      ],
    })
  })

  it('Windows has no load average, and a processor that cannot be named still counts', async () => {
    const cpu = () => Promise.reject(new Error('no shell'))
    const [, second] = await sample('cpu', mac({ cpu }), 'win32')
    expect(second).toMatchObject({
      rows: [
        { fields: { load_avg_1: null, load_avg_5: null, load_avg_15: null, physical_cores: null } },
        {},
        {},
      ],
    })
  })

  it('memory in use is what is not available', async () => {
    const expected = {
      usage_percent: 75,
      total_bytes: 16_000,
      used_bytes: 12_000,
      available_bytes: 4_000,
      cached_bytes: 3_000,
      buffers_bytes: null,
      shared_bytes: null,
      swap_used_bytes: 500,
      swap_total_bytes: 2_000,
      swap_free_bytes: 1_500,
      swap_percent: 25,
      hugepages_total: null,
      hugepages_free: null,
    }
    const ok = (fields: object) => ({ kind: 'ok', rows: [{ measurement: 'memory', fields }] })
    expect((await sample('memory'))[0]).toEqual(ok(expected))
    expect((await sample('memory', mac(), 'win32'))[0]).toEqual(
      ok({ ...expected, cached_bytes: null }),
    )
    const empty = Object.fromEntries(Object.keys(expected).map((field) => [field, null]))
    expect((await sample('memory', mac({ mem: async () => ({}) })))[0]).toEqual(ok(empty))
  })

  it('traffic is by interface and in total without loopback; what began anew has no rate', async () => {
    const [first, second] = await sample('network')
    const row = (key: string, sent: number | null, received: number | null, errors = 0) => ({
      measurement: 'network_interface',
      key,
      fields: {
        bytes_sent_per_sec: sent,
        bytes_recv_per_sec: received,
        packets_sent_per_sec: null,
        packets_recv_per_sec: null,
        errors_in: errors,
        errors_out: 0,
        drops_in: 0,
        drops_out: 0,
      },
    })
    const connections = {
      measurement: 'network_connections',
      fields: { established: null, time_wait: null, listen: null },
    }
    expect(second).toEqual({
      kind: 'ok',
      rows: [
        {
          measurement: 'network',
          fields: {
            bytes_sent_per_sec: 3_010,
            bytes_recv_per_sec: 1_000,
            total_bytes_sent: 8_040,
            total_bytes_recv: 3_005,
          },
        },
        row('lo0', 200, 200),
        row('en0', 3_000, 1_000, 3),
        row('utun0', 10, null),
        connections,
      ],
    })
    expect(first).toMatchObject({
      rows: [
        { fields: { bytes_sent_per_sec: null, total_bytes_sent: 2_020, total_bytes_recv: 1_010 } },
        { key: 'lo0', fields: { bytes_sent_per_sec: null, errors_in: null } },
        { key: 'en0' },
        { key: 'utun0' },
        { measurement: 'network_connections' },
      ],
    })
  })

  it('disks are read as a whole, and file systems that have a size', async () => {
    const file = (key: string, total: number, used: number | null, usage: number | null) => ({
      measurement: 'filesystem',
      key,
      fields: { total_bytes: total, used_bytes: used, usage_percent: usage },
    })
    const mounts = [file('/', 1_000, 250, 25), file('/odd', 10, null, null)]
    const io = (read: number | null, written: number | null) => ({
      measurement: 'disk',
      fields: { read_bytes_per_sec: read, write_bytes_per_sec: written },
    })
    expect((await sample('disk'))[1]).toEqual({
      kind: 'ok',
      rows: [io(1_000_000, 250_000), ...mounts],
    })
    const windows = mac({ fsStats: async () => null })
    expect((await sample('disk', windows, 'win32'))[1]).toEqual({
      kind: 'ok',
      rows: [io(null, null), ...mounts],
    })
  })

  it('asks for the sizes once a minute, and again where that failed', async () => {
    let asked = 0
    const source = mac({
      fsSize: () => {
        asked += 1
        return asked === 1 ? Promise.reject(new Error('no shell')) : Promise.resolve([])
      },
    })
    const disk = fallbackCollectors({ source, platform: 'darwin' }).find(
      ({ metric }) => metric === 'disk',
    )
    const at = async (monotonicMs: number) => disk?.collect({ at: instant(0), monotonicMs })
    await expect(at(0)).rejects.toThrow('no shell')
    await at(5_000)
    await at(64_999)
    expect(asked).toBe(2)
    await at(65_000)
    expect(asked).toBe(3)
  })

  it('the time since boot is known', async () => {
    expect((await sample('host'))[0]).toMatchObject({
      kind: 'ok',
      rows: [{ measurement: 'host', fields: { uptime_seconds: 3_601, processes_total: null } }],
    })
  })

  it('a program that fails is the collector’s failure', async () => {
    const broken = mac({ mem: () => Promise.reject(new Error('vm_stat is missing')) })
    await expect(sample('memory', broken)).rejects.toThrow('vm_stat is missing')
  })
})

it.each([
  ['linux', true, false],
  // a wrong HOST_PROC: not a reason to measure the container instead of the host
  ['linux', false, false],
  ['darwin', false, true],
  ['win32', false, true],
  // with linprocfs
  ['freebsd', true, false],
])('%s with /proc: %s needs the fallback: %s', (platform, proc, needed) => {
  expect(needsFallback(platform, { exists: () => proc })).toBe(needed)
})

it('systeminformation has what we ask for', async () => {
  const collectors = fallbackCollectors({
    source: await loadFallbackSource(),
    platform: process.platform,
  })
  const kinds = await Promise.all(
    collectors.map(async (one) => (await one.collect({ at: instant(0), monotonicMs: 0 })).kind),
  )
  expect(kinds).toEqual(['ok', 'ok', 'ok', 'ok', 'ok', 'unavailable', 'unavailable'])
})
