import fc from 'fast-check'
import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { CONTRACT_METRICS, metricOf } from '../catalog/catalog.ts'
import { DAY, HOUR, instant, MINUTE, SECOND, toIso } from '../points/instant.ts'
import { layOut } from '../points/layout.ts'
import type { Point } from '../points/point.ts'
import { foldRows, rawCell, type Row } from '../testing/fold-rows.ts'
import { openTestStore } from '../testing/test-store.ts'
import type { HistoryDeps } from './deps.ts'
import { INTERVAL_MS } from './interval.ts'
import type { Parameters } from './parameters.ts'
import { parseRangeQuestion } from './range-question.ts'
import { range } from './range.ts'

const host = 'box'
const noon = Date.UTC(2026, 0, 20, 12)
const point = (
  measurement: string,
  at: number,
  fields: Record<string, number>,
  tags: Record<string, string> = {},
): Point => ({ measurement, tags: { host, ...tags }, fields, at: instant(at) })

const open = async (now = noon) => {
  let time = now
  const clock = { now: () => instant(time) }
  const store = await openTestStore({ clock })
  onTestFinished(store.close)
  const deps: HistoryDeps = { store, clock, samplingIntervalMs: () => 5_000, host }
  return { store, deps, set: (ms: number) => void (time = ms) }
}

const ask = async (deps: HistoryDeps, parameters: Parameters) => {
  const answered = await range(parseRangeQuestion({ metric_type: 'cpu', ...parameters }), deps)
  const value = answered.value()
  // The bytes are the value, always.
  expect(new TextDecoder().decode(answered.json())).toBe(JSON.stringify(value))
  return value
}

const cpu = (at: number, user: number) => point('cpu', at, { user })
const iso = (ms: number) => toIso(instant(ms))
const between = (start: number, end: number): Parameters => ({
  start_time: iso(start),
  end_time: iso(end),
})
const users = (answer: { data_points: readonly { timestamp: string; data: object }[] }) =>
  answer.data_points.map(({ timestamp, data }) => [
    timestamp.slice(11, 19),
    Object.entries(data).find(([name]) => name === 'user')?.[1],
  ])

describe('a range', () => {
  it('answers as the contract says', async () => {
    const { store, deps } = await open()
    await store.write('metrics', [
      point('cpu', noon - HOUR, {
        usage_percent: 45.2,
        user: 30.5,
        load_avg_1: 0.5,
        core_count: 2,
      }),
      point('cpu_core', noon - HOUR, { usage_percent: 40.1 }, { core: '0' }),
      point('cpu_core', noon - HOUR, { usage_percent: 50.3 }, { core: '1' }),
    ])
    const parameters = { start_time: '2026-01-20T10:00:00', end_time: '1768910400', interval: '1M' }
    expect(await ask(deps, parameters)).toEqual({
      metric_type: 'cpu',
      start_time: '2026-01-20T10:00:00Z',
      end_time: '2026-01-20T12:00:00Z',
      interval: '1m',
      sampling_interval_seconds: 5,
      count: 1,
      truncated: false,
      data_points: [
        {
          timestamp: '2026-01-20T11:00:00Z',
          data: {
            usage_percent: 45.2,
            user: 30.5,
            system: null,
            idle: null,
            iowait: null,
            steal: null,
            softirq: null,
            interrupts: null,
            context_switches: null,
            load_avg: [0.5, null, null],
            core_count: 2,
            physical_cores: null,
            per_core: [40.1, 50.3],
            frequency_mhz: [null, null],
            temperature_celsius: [null, null],
          },
        },
      ],
    })
  })

  it('has whole windows, labelled by their start, both ends included, empty ones left out', async () => {
    const { store, deps } = await open()
    const start = noon - 10 * MINUTE
    await store.write('metrics', [
      cpu(start - 5_000, 99),
      cpu(start, 1),
      cpu(start + 55_000, 3),
      cpu(start + 3 * MINUTE, 5),
      cpu(start + 5 * MINUTE, 7),
      cpu(start + 5 * MINUTE + 30_000, 9),
      cpu(start + 6 * MINUTE, 99),
    ])
    const asked = { ...between(start + 30_000, start + 5 * MINUTE), interval: '1m' }
    const expected = [
      ['11:50:00', 2],
      ['11:53:00', 5],
      ['11:55:00', 8],
    ]
    expect(users(await ask(deps, asked))).toEqual(expected)
    await store.rollUp()
    expect(users(await ask(deps, asked))).toEqual(expected)
  })

  it('folds samples of a second into windows of 5', async () => {
    const { store, deps } = await open()
    await store.write(
      'metrics',
      Array.from({ length: 10 }, (_, i) => cpu(noon - 10_000 + i * SECOND, i)),
    )
    const answer = await ask(deps, between(noon - 10_000, noon - 1))
    expect([answer.interval, users(answer)]).toEqual([
      '5s',
      [
        ['11:59:50', 2],
        ['11:59:55', 7],
      ],
    ])
  })

  it.each([
    [3, 3, false],
    [2, 2, true],
    [1, 1, true],
    [10_000, 3, false],
  ])('gives the first %d of 3 windows', async (limit, count, truncated) => {
    const { store, deps } = await open()
    await store.write(
      'metrics',
      [1, 40, 55].map((minute) => cpu(noon - HOUR + minute * MINUTE, minute)),
    )
    const asked = { ...between(noon - HOUR, noon), interval: '1m', limit: String(limit) }
    const answer = await ask(deps, asked)
    expect([answer.count, answer.truncated]).toEqual([count, truncated])
    expect(users(answer)).toEqual(
      [
        ['11:01:00', 1],
        ['11:40:00', 40],
        ['11:55:00', 55],
      ].slice(0, count),
    )
  })

  it('does not read a month to give its first two windows', async () => {
    const { store, deps } = await open()
    const start = noon - 30 * DAY
    await store.write(
      'metrics',
      [0, 1, 2, 3].map((i) => cpu(start + i * 5_000, i)),
    )
    const answer = await ask(deps, { ...between(start, noon), interval: '5s', limit: '2' })
    expect([answer.count, answer.truncated, answer.interval]).toEqual([2, true, '5s'])
    expect(store.queries.map(({ range: { from, to } }) => to - from)).toEqual([15_000])
  })

  it('answers for all of time', async () => {
    const { store, deps } = await open()
    await store.write('metrics', [cpu(noon - 5_000, 1)])
    const asked = { start_time: '0', end_time: '9999-12-31', interval: '5s' }
    expect(users(await ask(deps, asked))).toEqual([['11:59:55', 1]])
    expect(store.queries.length).toBeLessThan(3)
  })

  it('gives the extremes with stats=true, in the shape of the data', async () => {
    const { store, deps } = await open()
    await store.write('metrics', [
      point('network', noon - MINUTE, { bytes_sent_per_sec: 1, total_bytes_sent: 5 }),
      point('network', noon - 30_000, { bytes_sent_per_sec: 3, total_bytes_sent: 9 }),
      point('network_interface', noon - MINUTE, { drops_in: 2 }, { interface: 'eth0' }),
      point('network_interface', noon - 30_000, { drops_in: 3 }, { interface: 'eth0' }),
    ])
    const asked = { ...between(noon - MINUTE, noon - 1), metric_type: 'network', interval: '1m' }
    const { data_points } = await ask(deps, { ...asked, stats: 'true' })
    const shape = (sent: number, total: number | null, drops: number | null) =>
      layOut(
        metricOf('network'),
        [
          {
            measurement: 'network',
            value: (field) =>
              ({ bytes_sent_per_sec: sent, total_bytes_sent: total })[field] ?? null,
          },
          {
            measurement: 'network_interface',
            key: 'eth0',
            value: (field) => ({ drops_in: drops })[field] ?? null,
          },
        ],
        'union',
      )
    expect(data_points).toEqual([
      {
        timestamp: iso(noon - MINUTE),
        data: shape(2, 9, 5),
        min: shape(1, null, null),
        max: shape(3, null, null),
      },
    ])
  })

  it.each(['perf', 'perf_events'])(
    'gives the union of both objects for %s, echoed as asked',
    async (name) => {
      const { store, deps } = await open()
      await store.write('metrics', [point('perf', noon - 5_000, { ipc: 1.5, cycles: 10 })])
      const answer = await ask(deps, { ...between(noon - MINUTE, noon), metric_type: name })
      expect(answer.metric_type).toBe(name)
      expect(answer.data_points[0]?.data).toMatchObject({
        available: true,
        ipc: 1.5,
        cycles: 10,
        events: { cycles: { value: 10, unit: 'count/s' }, branches: { value: null, unit: null } },
      })
    },
  )

  it.each(['host', 'pressure'])('knows %s too', async (name) => {
    const { deps } = await open()
    const answer = await ask(deps, { ...between(noon - MINUTE, noon), metric_type: name })
    expect(answer).toMatchObject({ metric_type: name, count: 0, data_points: [] })
  })

  it('shows what was pushed as series with their tags', async () => {
    const { store, deps } = await open()
    const pushed = (at: number, room: string, fields: Record<string, number>) =>
      point('rooms', at, fields, { host: 'sensor', room })
    await store.write('pushed', [
      pushed(noon - 50_000, 'a', { warm: 20 }),
      pushed(noon - 40_000, 'a', { warm: 22, wet: 5 }),
      pushed(noon - 50_000, 'b', { warm: 10 }),
      pushed(noon - 120_000, 'b', { warm: 9 }),
    ])
    const asked = { ...between(noon - 2 * MINUTE, noon), metric_type: 'rooms', interval: '1m' }
    const series = (room: string, fields: object) => ({ tags: { host: 'sensor', room }, fields })
    const expected = [
      { timestamp: '2026-01-20T11:58:00Z', data: { series: [series('b', { warm: 9 })] } },
      {
        timestamp: '2026-01-20T11:59:00Z',
        data: { series: [series('a', { warm: 21, wet: 5 }), series('b', { warm: 10 })] },
      },
    ]
    expect((await ask(deps, asked)).data_points).toEqual(expected)
    expect((await ask(deps, { ...asked, host: 'sensor' })).data_points).toEqual(expected)
    await expect(ask(deps, { ...asked, host: 'nobody' })).rejects.toMatchObject({
      code: 'not-found',
      message: 'Resource not found',
    })
  })

  it('asks about this host, or the one that is named', async () => {
    const { store, deps } = await open()
    await store.write('metrics', [
      cpu(noon - 5_000, 1),
      { ...cpu(noon - 5_000, 2), tags: { host: 'other' } },
    ])
    const asked = between(noon - MINUTE, noon)
    expect(users(await ask(deps, asked))).toEqual([['11:59:55', 1]])
    expect(users(await ask(deps, { ...asked, host }))).toEqual([['11:59:55', 1]])
    expect(users(await ask(deps, { ...asked, host: 'other' }))).toEqual([['11:59:55', 2]])
    await expect(ask(deps, { ...asked, host: 'nobody' })).rejects.toMatchObject({
      code: 'not-found',
      message: 'Resource not found',
    })
  })

  it('knows its own host before it has written anything', async () => {
    const { deps } = await open()
    expect(await ask(deps, { ...between(noon - MINUTE, noon), host })).toMatchObject({ count: 0 })
  })

  it('refuses too many values before it asks the store for any', async () => {
    const { store, deps } = await open()
    await store.write('metrics', [cpu(noon - HOUR, 1)])
    const asked = { ...between(noon - HOUR, noon), interval: '1m' }
    // 61 windows of 14 fields of the host and 3 of each of 64 cores
    const cores = { ...deps, seriesCount: () => 64 }
    await expect(ask({ ...cores, maxValues: 61 * 206 - 1 }, asked)).rejects.toMatchObject({
      code: 'invalid',
      message:
        'The answer would have more than 12565 values. Ask for a shorter range, a coarser interval or a smaller limit',
    })
    expect(store.queries).toEqual([])
    expect(await ask({ ...cores, maxValues: 61 * 206 }, asked)).toMatchObject({ count: 1 })
    expect(await ask({ ...cores, maxValues: 206 }, { ...asked, limit: '1' })).toMatchObject({
      count: 1,
    })
  })

  it('refuses too many values of which it did not know', async () => {
    const { store, deps } = await open()
    const cores = Array.from({ length: 20 }, (_, core) =>
      point('cpu_core', noon - 5_000, { usage_percent: core }, { core: String(core) }),
    )
    await store.write('metrics', cores)
    await expect(
      ask({ ...deps, maxValues: 18 }, { ...between(noon - 5_000, noon - 1), limit: '1' }),
    ).rejects.toMatchObject({ code: 'invalid' })
  })

  it('hands on what the store says when it fails', async () => {
    const { store, deps } = await open()
    const failure = new Error('down')
    store.failWith(failure)
    await expect(ask(deps, between(noon - MINUTE, noon))).rejects.toBe(failure)
  })
})

describe('a question', () => {
  const good = { metric_type: 'cpu', start_time: '0', end_time: '60' }
  it('has defaults', () => {
    expect(parseRangeQuestion({ ...good, host: ' ', interval: '' })).toEqual({
      metricType: 'cpu',
      start: 0,
      end: 60_000,
      interval: 'auto',
      limit: 1000,
      stats: false,
      host: undefined,
    })
  })

  it.each([
    [{ metric_type: undefined }, 'metric_type is required'],
    [{ metric_type: '' }, 'metric_type is required'],
    [{ start_time: undefined }, 'start_time is required'],
    [{ end_time: ' ' }, 'end_time is required'],
    [
      { start_time: 'now' },
      'start_time must be a time such as 2025-01-18T10:00:00Z or Unix seconds',
    ],
    [{ end_time: 'now' }, 'end_time must be a time such as 2025-01-18T10:00:00Z or Unix seconds'],
    [{ start_time: '60' }, 'start_time must be before end_time'],
    [{ start_time: '61' }, 'start_time must be before end_time'],
    [{ interval: '2h' }, 'Invalid interval: 2h'],
    [{ limit: '0' }, 'limit must be a whole number from 1 to 10000'],
    [{ limit: '10001' }, 'limit must be a whole number from 1 to 10000'],
    [{ limit: '-1' }, 'limit must be a whole number from 1 to 10000'],
    [{ limit: '1.5' }, 'limit must be a whole number from 1 to 10000'],
    [{ limit: '1e3' }, 'limit must be a whole number from 1 to 10000'],
    [{ limit: 'ten' }, 'limit must be a whole number from 1 to 10000'],
    [{ stats: 'maybe' }, 'stats must be true or false'],
  ])('with %o is refused: %s', (over, sentence) => {
    expect(() => parseRangeQuestion({ ...good, ...over })).toThrow(sentence)
  })

  it.each(['nope', 'CPU', 'cpu_core', 'constructor', '__proto__'])(
    'about %s is refused with the list of the metrics',
    async (name) => {
      const { deps } = await open()
      await expect(ask(deps, { ...good, metric_type: name })).rejects.toMatchObject({
        code: 'invalid',
        message: `Invalid metric_type. Must be one of: ${CONTRACT_METRICS.join(', ')}`,
      })
    },
  )
})

describe('whatever the tiers are like', () => {
  /** Each on a store of its own, which a real one takes its time to open. */
  const RUNS = inject('store') === 'memory' ? 150 : 30

  /** The windows of raw, by brute force. */
  const truth = (points: readonly Point[], windowMs: number, start: number, end: number) => {
    const raw = new Map<number, Row>()
    for (const { at, fields } of points) {
      const cells = Object.entries(fields).map(([name, value]) => [
        name,
        rawCell('cpu', name, value),
      ])
      raw.set(at, { ...raw.get(at), ...Object.fromEntries(cells) })
    }
    return [...foldRows('cpu', raw, windowMs)]
      .filter(([at]) => at + windowMs > start && at <= end)
      .toSorted(([a], [b]) => a - b)
      .map(([at, row]) => ({
        at: iso(at),
        user: row['user']?.value,
        min: row['user']?.min,
        max: row['user']?.max,
        core_count: row['core_count']?.value,
      }))
  }

  it('a range is the fold of raw', async () => {
    const minute = fc.nat(240)
    const written = fc.array(
      fc.record({
        minute,
        second: fc.constantFrom(0, 5, 30, 59),
        user: fc.integer({ min: 0, max: 99 }),
      }),
      { minLength: 1, maxLength: 40 },
    )
    const steps = fc.array(fc.record({ written, wait: fc.nat(90), rollUp: fc.boolean() }), {
      minLength: 1,
      maxLength: 5,
    })
    const interval = fc.constantFrom('5s' as const, '1m' as const, '5m' as const, '1h' as const)
    await fc.assert(
      fc.asyncProperty(steps, minute, minute, interval, async (rounds, from, length, every) => {
        const { store, deps, set } = await open(noon)
        const all: Point[] = []
        let now = noon
        for (const round of rounds) {
          const points = round.written.map(({ minute: m, second, user }) =>
            point('cpu', noon + m * MINUTE + second * SECOND, { user, core_count: m }),
          )
          all.push(...points)
          await store.write('metrics', points)
          set((now += round.wait * MINUTE + 7_000))
          if (round.rollUp) await store.rollUp()
        }
        const start = noon + from * MINUTE + 10_000
        const end = start + (length + 1) * MINUTE
        const answer = await ask(deps, { ...between(start, end), interval: every, stats: 'true' })
        const found = answer.data_points.map(({ timestamp, data, min, max }) => ({
          at: timestamp,
          user: data['user'],
          min: min?.['user'],
          max: max?.['user'],
          core_count: data['core_count'],
        }))
        const expected = truth(all, INTERVAL_MS[every], start, end)
        // Means are added up in another order, and a store may keep fewer digits of them.
        expect(
          found.map((row, i) => {
            const mean = expected[i]?.user ?? NaN
            return Math.abs(Number(row.user) - mean) <= 1e-6 * mean ? { ...row, user: mean } : row
          }),
        ).toEqual(expected)
        await store.close()
      }),
      { numRuns: RUNS, seed: 21 },
    )
  }, 60_000)

  it('a tier that has expired for part of the range gives way to the next coarser for all of it', async () => {
    const { store, deps } = await open()
    await store.write('metrics', [
      cpu(noon - 10 * DAY, 1),
      cpu(noon - 10 * DAY + MINUTE, 3),
      cpu(noon - HOUR, 5),
    ])
    await store.rollUp()
    await store.applyRetention([
      { dataset: 'metrics', tier: 'raw', days: 7 },
      { dataset: 'metrics', tier: '1m', days: 8 },
    ])
    const asked = { ...between(noon - 11 * DAY, noon), interval: '5s' }
    const answer = await ask(deps, asked)
    expect([answer.interval, users(answer)]).toEqual([
      '5m',
      [
        ['12:00:00', 2],
        ['11:00:00', 5],
      ],
    ])
  })
})
