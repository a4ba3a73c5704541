import { describe, expect, it, onTestFinished } from 'vitest'
import { metricOf } from '../catalog/catalog.ts'
import { DAY, HOUR, instant, MINUTE, toIso } from '../points/instant.ts'
import type { Point } from '../points/point.ts'
import { openTestStore } from '../testing/test-store.ts'
import { parseCompareQuestion } from './compare-question.ts'
import { compare } from './compare.ts'
import type { HistoryDeps } from './deps.ts'
import type { Parameters } from './parameters.ts'

const host = 'box'
const now = Date.UTC(2026, 0, 21, 15)
const point = (
  measurement: string,
  at: number,
  fields: Record<string, number>,
  tags: Record<string, string> = {},
): Point => ({ measurement, tags: { host, ...tags }, fields, at: instant(at) })
const cpu = (at: number, usage: number) => point('cpu', at, { usage_percent: usage })

const open = async (at = now) => {
  const clock = { now: () => instant(at) }
  const store = await openTestStore({ clock })
  onTestFinished(store.close)
  const deps: HistoryDeps = { store, clock, samplingIntervalMs: () => 5_000, host }
  return { store, deps }
}
const ask = async (deps: HistoryDeps, parameters: Parameters) => {
  const question = { metric_type: 'cpu', period: 'hour', compare_to: 'yesterday', ...parameters }
  const answered = await compare(parseCompareQuestion(question, deps.clock.now()), deps)
  const value = answered.value()
  expect(new TextDecoder().decode(answered.json())).toBe(JSON.stringify(value))
  return value
}
/** `count` values, a minute apart, from an hour before `end` on. */
const minutes = (end: number, values: readonly number[], field = 'usage_percent') =>
  values.map((value, i) => point('cpu', end - HOUR + i * MINUTE, { [field]: value }))
const times = <Of>(count: number, of: (i: number) => Of): readonly Of[] =>
  Array.from({ length: count }, (_, i) => of(i))

describe('a comparison', () => {
  it('answers as the contract says', async () => {
    const { store, deps } = await open()
    await store.write('metrics', [
      ...minutes(now, [60, 40]),
      ...minutes(now - DAY, [40, 40]),
      cpu(now, 1),
    ])
    const { current, comparison, summary, ...head } = await ask(deps, {})
    expect(head).toEqual({
      metric_type: 'cpu',
      period: 'hour',
      compare_to: 'yesterday',
      interval: '1m',
      sampling_interval_seconds: 5,
    })
    const stamps = (period: typeof current) =>
      period.data_points.map(({ timestamp, data }) => [timestamp, data['usage_percent']])
    expect({ ...current, data_points: stamps(current) }).toEqual({
      start_time: '2026-01-21T14:00:00Z',
      end_time: '2026-01-21T15:00:00Z',
      count: 3,
      truncated: false,
      data_points: [
        ['2026-01-21T14:00:00Z', 60],
        ['2026-01-21T14:01:00Z', 40],
        ['2026-01-21T15:00:00Z', 1],
      ],
    })
    expect({ ...comparison, data_points: stamps(comparison) }).toEqual({
      start_time: '2026-01-20T14:00:00Z',
      end_time: '2026-01-20T15:00:00Z',
      count: 2,
      truncated: false,
      data_points: [
        ['2026-01-20T14:00:00Z', 40],
        ['2026-01-20T14:01:00Z', 40],
      ],
    })
    expect(summary).toMatchObject({ current_avg: 50, comparison_avg: 40, change_percent: 25 })
    expect(summary.fields['usage_percent']).toEqual({
      current: 50,
      comparison: 40,
      change_percent: 25,
      effect_size: null,
      significant: null,
      significant_paired: null,
    })
  })

  it('weights windows by their samples, and does not care for the limit', async () => {
    const { store, deps } = await open()
    await store.write('metrics', [
      ...times(12, (i) => cpu(now - HOUR + i * 5_000, 10)),
      cpu(now - HOUR + 2 * MINUTE, 90),
      cpu(now - HOUR - DAY, 20),
    ])
    // a store may keep seven digits of a mean
    const expected = { current_avg: expect.closeTo((12 * 10 + 90) / 13, 4), comparison_avg: 20 }
    for (const interval of ['5s', '1m', '5m', '1h'])
      expect((await ask(deps, { interval })).summary).toMatchObject(expected)
    const limited = await ask(deps, { interval: '1m', limit: '1' })
    expect(limited.summary).toMatchObject(expected)
    expect(limited.current).toMatchObject({ count: 1, truncated: true })
    await store.rollUp()
    expect((await ask(deps, { interval: '1m' })).summary).toMatchObject(expected)
  })

  it('leaves the unfinished window and its counterpart out of the summary, not out of the points', async () => {
    const { store, deps } = await open(now + 30_000)
    await store.write('metrics', [
      cpu(now - MINUTE, 10),
      cpu(now, 100),
      cpu(now - MINUTE - DAY, 20),
      cpu(now - DAY, 80),
    ])
    const answer = await ask(deps, {})
    expect(answer.current.count).toBe(2)
    expect(answer.comparison.count).toBe(2)
    expect(answer.summary).toMatchObject({
      current_avg: 10,
      comparison_avg: 20,
      change_percent: -50,
    })
  })

  it.each([
    [[], [5], null],
    [[5], [], null],
    [[5], [0], null],
    [[0], [0], null],
    [[0], [5], -100],
  ])('of %o with %o changes by %d percent', async (current, comparison, change) => {
    const { store, deps } = await open()
    await store.write('metrics', [...minutes(now, current), ...minutes(now - DAY, comparison)])
    const { summary } = await ask(deps, {})
    expect(summary).toMatchObject({
      current_avg: current[0] ?? null,
      comparison_avg: comparison[0] ?? null,
      change_percent: change,
    })
  })

  it.each([
    ['network', 'network', { bytes_sent_per_sec: 10, bytes_recv_per_sec: 5 }, 15],
    ['network', 'network', { bytes_sent_per_sec: 10 }, 10],
    ['disk', 'disk', { read_bytes_per_sec: 1, write_bytes_per_sec: 2 }, 3],
    ['memory', 'memory', { usage_percent: 7, used_bytes: 9 }, 7],
    ['perf_events', 'perf', { ipc: 1.5, cpu_clock: 900 }, 1.5],
    ['perf', 'perf', { cpu_clock: 900 }, 900],
    ['memory_bandwidth', 'memory_bandwidth', { page_io_bytes_per_sec: 4096 }, 4096],
    ['pressure', 'pressure', { cpu_some: 0.5 }, 0.5],
  ])(
    'of %s summarises its primary value: %s %o',
    async (metric_type, measurement, fields, expected) => {
      const { store, deps } = await open()
      await store.write('metrics', [point(measurement, now - HOUR, fields)])
      const { summary } = await ask(deps, { metric_type })
      expect([summary.current_avg, summary.comparison_avg]).toEqual([expected, null])
    },
  )

  it('takes the same primary value on both sides', async () => {
    const { store, deps } = await open()
    await store.write('metrics', [
      point('perf', now - HOUR, { ipc: 2, cpu_clock: 900 }),
      point('perf', now - HOUR - DAY, { cpu_clock: 800 }),
    ])
    const { summary } = await ask(deps, { metric_type: 'perf' })
    expect(summary).toMatchObject({ current_avg: 2, comparison_avg: null, change_percent: null })
  })

  it('compares every field of the host, the mean of the cores, and each named thing', async () => {
    const { store, deps } = await open()
    await store.write('metrics', [
      point('cpu', now - HOUR, { load_avg_1: 2 }),
      point('cpu_core', now - HOUR, { usage_percent: 10, frequency_mhz: 1000 }, { core: '0' }),
      point('cpu_core', now - HOUR, { usage_percent: 20 }, { core: '1' }),
      point('disk', now - HOUR, { read_bytes_per_sec: 3 }),
      point('disk_device', now - HOUR, { read_iops: 4 }, { device: 'sda' }),
      point('filesystem', now - HOUR - DAY, { total_bytes: 5 }, { mount: '/' }),
    ])
    const averages = async (metric_type: string) =>
      Object.entries((await ask(deps, { metric_type })).summary.fields).map(
        ([name, { current, comparison }]) => [name, current, comparison],
      )
    const [main] = metricOf('cpu').series
    expect(await averages('cpu')).toEqual([
      ...Object.keys(main?.fields ?? {}).map((name) => [
        name,
        name === 'load_avg_1' ? 2 : null,
        null,
      ]),
      ['per_core', 15, null],
      ['frequency_mhz', 1000, null],
      ['temperature_celsius', null, null],
    ])
    expect(await averages('disk')).toEqual([
      ['io.read_bytes_per_sec', 3, null],
      ['io.write_bytes_per_sec', null, null],
      ['devices.sda.read_bytes_per_sec', null, null],
      ['devices.sda.write_bytes_per_sec', null, null],
      ['devices.sda.read_iops', 4, null],
      ['devices.sda.write_iops', null, null],
      ['devices.sda.read_latency_ms', null, null],
      ['devices.sda.write_latency_ms', null, null],
      ['devices.sda.busy_percent', null, null],
      ['partitions./.total_bytes', null, 5],
      ['partitions./.used_bytes', null, null],
      ['partitions./.usage_percent', null, null],
    ])
  })

  it('compares at most 256 fields, the ones of the host first', async () => {
    const { store, deps } = await open()
    await store.write(
      'metrics',
      times(100, (i) => point('filesystem', now - HOUR, { used_bytes: i }, { mount: `/m${i}` })),
    )
    const { fields } = (await ask(deps, { metric_type: 'disk' })).summary
    expect(Object.keys(fields)).toHaveLength(256)
    expect(Object.keys(fields)[0]).toBe('io.read_bytes_per_sec')
  })

  it('says how large a difference is and whether it is more than chance', async () => {
    const { store, deps } = await open()
    // Noise of +-1 without memory, around 50 and 53; idle does not differ.
    const noise = (i: number) => [1, -1, 0.5, -0.5, 0, 1, 0, -1][(i * 5) % 8] ?? 0
    await store.write('metrics', [
      ...minutes(
        now,
        times(60, (i) => 53 + noise(i)),
      ),
      ...minutes(
        now - DAY,
        times(60, (i) => 50 + noise(i + 3)),
      ),
      ...minutes(
        now,
        times(60, (i) => 20 + noise(i)),
        'idle',
      ),
      ...minutes(
        now - DAY,
        times(60, (i) => 20 + noise(i + 3)),
        'idle',
      ),
      // Of a size or a counter since boot there is no level to test.
      ...minutes(
        now,
        times(60, () => 4),
        'core_count',
      ),
      ...minutes(
        now - DAY,
        times(60, () => 2),
        'core_count',
      ),
      ...minutes(now, [1, 2, 3, 4, 5, 6, 7], 'user'),
      ...minutes(
        now - DAY,
        times(60, () => 1),
        'user',
      ),
      ...minutes(
        now,
        times(8, () => 7),
        'system',
      ),
      ...minutes(
        now - DAY,
        times(8, () => 6),
        'system',
      ),
    ])
    const untested = { significant: null, significant_paired: null, effect_size: null }
    const { usage_percent, idle, core_count, user, system } = (await ask(deps, {})).summary.fields
    expect(usage_percent).toMatchObject({ significant: true, significant_paired: true })
    expect(usage_percent?.effect_size).toBeGreaterThan(3)
    expect(idle).toMatchObject({ significant: false, significant_paired: false })
    expect(Math.abs(idle?.effect_size ?? NaN)).toBeLessThan(0.2)
    expect(core_count).toMatchObject({ change_percent: 100, ...untested })
    expect(user).toMatchObject(untested)
    // Constant on both sides, eight windows: certain, but no deviation to measure it by.
    expect(system).toMatchObject({
      significant: true,
      significant_paired: true,
      effect_size: null,
    })
  })

  it('calls no drift significant', async () => {
    const { store, deps } = await open()
    const wave = (phase: number) => (i: number) => 50 + 10 * Math.sin((i + phase) / 20)
    await store.write('metrics', [
      ...minutes(now, times(60, wave(0))),
      ...minutes(now - DAY, times(60, wave(30))),
    ])
    const { usage_percent } = (await ask(deps, {})).summary.fields
    expect(usage_percent?.significant).toBe(false)
    expect(Math.abs(usage_percent?.change_percent ?? 0)).toBeGreaterThan(5)
  })

  it('finds what a rhythm hides in the windows at the same time of day', async () => {
    const { store, deps } = await open()
    const noise = (i: number) => [1, -1, 0.5, -0.5, 0, 1, 0, -1][(i * 5) % 8] ?? 0
    const rhythm = (i: number) => 50 + 20 * Math.sin(i / 10)
    await store.write('metrics', [
      ...minutes(
        now,
        times(60, (i) => 1.1 * rhythm(i) + noise(i)),
      ),
      ...minutes(
        now - DAY,
        times(60, (i) => rhythm(i) + noise(i + 3)),
      ),
    ])
    const { usage_percent } = (await ask(deps, {})).summary.fields
    expect(usage_percent).toMatchObject({ significant: false, significant_paired: true })
  })

  // Where the baseline begins, how many minutes of it are missing at its start, and whether windows can be paired.
  it.each([
    ['a day before', DAY, 0, true],
    ['three days before', 3 * DAY, 0, true],
    ['two hours before: another time of day', 2 * HOUR, 0, null],
    ['a day and a minute before', DAY + MINUTE, 0, null],
    ['a day after', -DAY, 0, true],
    ['a day before, eight windows of both', DAY, 12, true],
    ['a day before, seven windows of both', DAY, 13, null],
  ])('pairs windows at the same time of day: %s', async (_name, apart, missing, paired) => {
    const { store, deps } = await open()
    const start = now - 10 * DAY
    const write = (from: number, places: readonly number[], level: number) =>
      store.write(
        'metrics',
        places.map((i) => cpu(from + i * MINUTE, level + ((i * 7) % 3))),
      )
    // The current one has its first 20 minutes, the other one as many after the missing ones.
    await write(
      start,
      times(20, (i) => i),
      60,
    )
    await write(
      start - apart,
      times(20, (i) => i + missing),
      50,
    )
    const answer = await ask(deps, {
      interval: '1m',
      start_time_1: toIso(instant(start)),
      end_time_1: toIso(instant(start + HOUR)),
      start_time_2: toIso(instant(start - apart)),
      end_time_2: toIso(instant(start - apart + HOUR)),
    })
    expect(answer.summary.fields['usage_percent']).toMatchObject({
      significant: true,
      significant_paired: paired,
    })
  })

  // The points are as coarse as the limit makes them; the summary is of the windows that auto means.
  it.each([
    [undefined, '1m'],
    ['10000', '1m'],
    ['61', '1m'],
    ['60', '5m'],
    ['13', '5m'],
    ['12', '1h'],
    ['1', '1h'],
  ])('has the same summary under every limit: %s', async (limit, interval) => {
    const { store, deps } = await open()
    const level = (base: number) => times(60, (i) => base + ((i * 7) % 5))
    await store.write('metrics', [...minutes(now, level(60)), ...minutes(now - DAY, level(50))])
    const answer = await ask(deps, limit === undefined ? {} : { limit })
    expect(answer.interval).toBe(interval)
    expect(answer.current.count).toBeLessThanOrEqual(Number(limit ?? 1_000))
    expect(answer.summary).toEqual((await ask(deps, { interval: '1m' })).summary)
    expect(answer.summary.fields['usage_percent']).toMatchObject({ significant: true })
  })

  it('has one interval for both periods: the coarser that either needs', async () => {
    const { store, deps } = await open()
    await store.write('metrics', [
      cpu(now - 10 * DAY, 1),
      cpu(now - 10 * DAY + HOUR, 1),
      cpu(now - HOUR, 2),
    ])
    await store.rollUp()
    await store.applyRetention([{ dataset: 'metrics', tier: 'raw', days: 7 }])
    const period = (number: number, start: number) => ({
      [`start_time_${number}`]: toIso(instant(start)),
      [`end_time_${number}`]: toIso(instant(start + 20 * MINUTE)),
    })
    const answer = await ask(deps, { ...period(1, now - HOUR), ...period(2, now - 10 * DAY) })
    expect(answer).toMatchObject({ interval: '1m', period: 'custom', compare_to: 'custom' })
    expect([answer.current.count, answer.comparison.count]).toEqual([1, 1])
    const recent = await ask(deps, { ...period(1, now - HOUR), ...period(2, now - 2 * HOUR) })
    expect(recent.interval).toBe('5s')
  })

  it('compares what was pushed, series by series', async () => {
    const { store, deps } = await open()
    const pushed = (at: number, warm: number) =>
      point('rooms', at, { warm }, { host: 'sensor', room: 'a' })
    await store.write('pushed', [pushed(now - HOUR, 20), pushed(now - HOUR - DAY, 10)])
    const { summary, current } = await ask(deps, { metric_type: 'rooms' })
    expect(current.data_points).toEqual([
      {
        timestamp: '2026-01-21T14:00:00Z',
        data: { series: [{ tags: { host: 'sensor', room: 'a' }, fields: { warm: 20 } }] },
      },
    ])
    expect(summary).toEqual({
      current_avg: null,
      comparison_avg: null,
      change_percent: null,
      fields: {
        'warm{host=sensor,room=a}': {
          current: 20,
          comparison: 10,
          change_percent: 100,
          effect_size: null,
          significant: null,
          significant_paired: null,
        },
      },
    })
  })

  it('changes upwards from a negative baseline when it rises', async () => {
    const { store, deps } = await open()
    const outside = (at: number, celsius: number) => point('outside', at, { celsius })
    await store.write('pushed', [outside(now - HOUR, -5), outside(now - HOUR - DAY, -10)])
    const { fields } = (await ask(deps, { metric_type: 'outside' })).summary
    expect(fields[`celsius{host=${host}}`]).toMatchObject({ change_percent: 50 })
  })

  it('weights the mean over the cores by the samples, too', async () => {
    const { store, deps } = await open()
    const core = (at: number, usage: number) =>
      point('cpu_core', at, { usage_percent: usage }, { core: '0' })
    await store.write('metrics', [
      core(now - HOUR, 10),
      core(now - HOUR + 5_000, 10),
      core(now - HOUR + 10_000, 10),
      core(now - HOUR + MINUTE, 50),
    ])
    expect((await ask(deps, {})).summary.fields['per_core']).toMatchObject({ current: 20 })
  })

  it('refuses too many values before it asks the store for any', async () => {
    const { store, deps } = await open()
    // two hours of 61 windows by the minute, 17 values each
    await expect(ask({ ...deps, maxValues: 2 * 61 * 17 - 1 }, {})).rejects.toMatchObject({
      code: 'invalid',
    })
    expect(store.queries).toEqual([])
    await expect(ask({ ...deps, maxValues: 2 * 61 * 17 }, {})).resolves.toBeDefined()
  })

  it('knows neither unknown metrics nor unknown hosts', async () => {
    const { deps } = await open()
    await expect(ask(deps, { metric_type: 'x' })).rejects.toMatchObject({ code: 'invalid' })
    await expect(ask(deps, { host: 'x' })).rejects.toMatchObject({ code: 'not-found' })
  })
})
