import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ROLLUP_TIERS, type Tier } from '../../catalog/tiers.ts'
import { systemClock } from '../../points/clock.ts'
import { DAY, HOUR, instant, MINUTE, windowStart } from '../../points/instant.ts'
import type { Point } from '../../points/point.ts'
import { plain, point, question } from '../contract/questions.ts'
import type { RetentionPolicy, SeriesStore } from '../store.ts'
import { binaries, ORG, startLab, type Lab } from './testing.ts'

/** The clock of InfluxDB is the real one, and so are these days. */
const today = windowStart(Date.now(), DAY)
const start = today - 6 * DAY

const policy = (days: Partial<Record<Tier, number>>): RetentionPolicy =>
  (['raw', ...ROLLUP_TIERS] as const).map((tier) => ({
    dataset: 'metrics',
    tier,
    days: days[tier] ?? null,
  }))

/** Four rows an hour, from the first day until now. */
const hourly = (): readonly Point[] => {
  const points: Point[] = []
  for (let at = start; at < Date.now() - MINUTE; at += 15 * MINUTE)
    points.push(point(at, { user: (at / MINUTE) % 100, core_count: 4 }))
  return points
}

describe.skipIf(binaries === null)('retention in a real InfluxDB', { timeout: 60_000 }, () => {
  let lab: Lab
  let store: SeriesStore
  const points = hourly()
  beforeEach(async () => {
    lab = await startLab(['--no-tasks'])
    store = await lab.open()
    await store.write('metrics', points)
  })
  afterEach(() => lab.end())

  const oldest = async (tier: Tier) =>
    (await store.read(question({ tier, fields: ['user'] })))[0]?.at[0] ?? null
  const everySeconds = async () => {
    const { buckets } = await lab.admin.call<{
      buckets: { name: string; retentionRules: { everySeconds: number }[] }[]
    }>('GET', `/api/v2/buckets?org=${ORG}&limit=100`)
    return Object.fromEntries(
      buckets
        .filter(({ name }) => name.startsWith('perfwatch'))
        .map(({ name, retentionRules }) => [name, (retentionRules[0]?.everySeconds ?? 0) / 86_400]),
    )
  }
  /** What is in the bucket, whatever is shown of it. */
  const rawDays = async () => {
    const rows = await lab.admin.query(
      ORG,
      'from(bucket: "perfwatch") |> range(start: 0) |> filter(fn: (r) => r._field == "user") |> aggregateWindow(every: 1d, fn: count, timeSrc: "_start", createEmpty: false) |> keep(columns: ["_time"])',
    )
    return rows.map(({ _time = '' }) => Date.parse(_time))
  }
  const counts = async (tier: Tier) => {
    const [answer] = plain(await store.read(question({ tier, fields: ['user'], beside: ['n'] })))
    return new Map(answer?.at.map((at, i) => [at, answer.fields['user']?.['n']?.[i]]))
  }

  it('is first counted, then rolls up, then lets InfluxDB delete, and cuts what is read at once', async () => {
    const rules = policy({ raw: 2, '1m': 4 })
    const preview = await store.applyRetention(rules, { preview: true })
    expect(await oldest('raw')).toBe(start)
    expect(await everySeconds()).toMatchObject({ perfwatch: 0 })
    const deleted = await store.applyRetention(rules)
    expect(deleted).toEqual(preview)
    // by whole days of UTC: raw is kept a day longer than it is shown
    const gone = points.filter(({ at }) => at < today - 3 * DAY).length
    expect(deleted.map(({ tier, points: rows }) => [tier, rows])).toEqual([
      ['raw', gone],
      ['1m', 0],
    ])
    expect(await everySeconds()).toMatchObject({ perfwatch: 3, perfwatch_1m: 4, perfwatch_5m: 0 })

    expect(await oldest('raw')).toBe(
      points.find(({ at }) => at >= windowStart(Date.now() - 2 * DAY, HOUR))?.at,
    )
    for (const tier of ['5m', '1h'] as const) expect(await oldest(tier)).toBe(start)
    const coverage = await store.coverage('metrics', 'alpha')
    expect(coverage.raw.horizon).toBe(windowStart(Date.now() - 2 * DAY, HOUR))
    expect(coverage['1h']).toMatchObject({ oldest: start, horizon: null })
    expect(coverage['1m'].rolledUpTo).toBeGreaterThan(today - HOUR)

    // InfluxDB looks every two seconds here, every half hour as a rule
    await expect
      .poll(rawDays, { timeout: 30_000, interval: 200 })
      .toEqual([3, 2, 1, 0].map((days) => today - days * DAY))
    expect(await counts('1h')).toEqual(
      new Map(
        Array.from(await counts('1h'), ([at]) => [
          at,
          points.filter((one) => windowStart(one.at, HOUR) === at).length,
        ]),
      ),
    )
    expect((await counts('1h')).size).toBeGreaterThanOrEqual(6 * 24)

    // windows whose raw rows are gone stay as they are, whatever is asked
    const before = await counts('1m')
    await store.rollUp({ from: instant(start), to: instant(Date.now()) })
    expect(await counts('1m')).toEqual(before)
    expect((await counts('1h')).get(start)).toBe(4)
    await store.applyRetention(policy({}))
    await store.rollUp({ from: instant(start), to: instant(Date.now()) })
    expect((await counts('1h')).get(start)).toBe(4)
  })

  it('makes windows whose raw rows are gone out of the finer tier, weighted, where that has no fewer values', async () => {
    await store.applyRetention(policy({ raw: 1 }))
    await expect
      .poll(rawDays, { timeout: 30_000, interval: 200 })
      .toEqual([2, 1, 0].map((days) => today - days * DAY))
    const [before] = plain(await store.read(question({ tier: '1h', beside: ['min', 'max', 'n'] })))
    const drop = (bucket: string, from: number, to: number) =>
      lab.admin.call('POST', `/api/v2/delete?org=${ORG}&bucket=${bucket}`, {
        start: new Date(from).toISOString(),
        stop: new Date(to).toISOString(),
      })
    // an hour is lost, and of the next one part of what it could be made of
    await drop('perfwatch_1h', start, start + 1)
    await drop('perfwatch_5m', start + HOUR, start + 1.5 * HOUR)
    await drop('perfwatch_1m', start + HOUR, start + 1.5 * HOUR)
    expect((await counts('1h')).has(start)).toBe(false)
    const written = await store.rollUp({ from: instant(start), to: instant(start + 3 * HOUR) })
    expect(written).toBeGreaterThan(0)
    const [after] = plain(await store.read(question({ tier: '1h', beside: ['min', 'max', 'n'] })))
    expect(after).toEqual(before)
    expect((await counts('1h')).get(start + HOUR)).toBe(4)
  })

  it('waits while raw rows are not rolled up', async () => {
    // a text among the numbers: nothing can be rolled up
    await lab.admin.write(ORG, 'perfwatch', [`cpu,host=x label="text" ${today - 5 * DAY}`])
    await expect(store.applyRetention(policy({ raw: 1 }))).rejects.toMatchObject({
      code: 'unavailable',
    })
    expect(await everySeconds()).toMatchObject({ perfwatch: 0 })
  })

  it('is put off while a clock has jumped, and comes back', async () => {
    await store.applyRetention(policy({ raw: 4, '1m': 5 }))
    await store.close()
    let ahead = 0
    let passed = 0
    const clock = {
      now: () => instant(systemClock.now() + ahead),
      monotonic: () => systemClock.monotonic() + passed,
    }
    store = await lab.open({ clock, policy: policy({ raw: 4, '1m': 5 }) })
    const pass = async (ms: number) => {
      ahead += ms
      passed += ms
      await store.maintain()
    }
    await pass(0)
    expect(await everySeconds()).toMatchObject({ perfwatch: 5, perfwatch_1m: 5 })
    ahead += 400 * DAY
    await pass(MINUTE)
    expect(await everySeconds()).toMatchObject({ perfwatch: 0, perfwatch_1m: 0 })
    ahead -= 400 * DAY
    await pass(30 * MINUTE)
    expect(await everySeconds()).toMatchObject({ perfwatch: 0, perfwatch_1m: 0 })
    await pass(31 * MINUTE)
    expect(await everySeconds()).toMatchObject({ perfwatch: 5, perfwatch_1m: 5 })
    expect(await oldest('raw')).not.toBeNull()
    const coverage = await store.coverage('metrics', 'alpha')
    for (const tier of ROLLUP_TIERS)
      expect(coverage[tier].rolledUpTo).toBeLessThanOrEqual(clock.now())
  })

  it('of a server whose owner provides everything is only what is read', async () => {
    await store.close()
    store = await lab.open({ mode: 'check' })
    await store.applyRetention(policy({ raw: 2 }))
    expect(await everySeconds()).toMatchObject({ perfwatch: 0 })
    expect(await oldest('raw')).toBeGreaterThanOrEqual(today - 3 * DAY)
  })
})
