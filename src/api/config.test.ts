import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DAY, HOUR, instant, toIso } from '../points/instant.ts'
import { createRetentionState } from './retention-state.ts'
import { openServer, OWN_HOST, START, type TestServer } from './testing/open-server.ts'

let server: TestServer
let token: string
beforeEach(async () => {
  server = await openServer()
  token = await server.tokenOf('admin')
})
afterEach(() => server.close())

const CONFIG = {
  sampling_interval_seconds: 5,
  retention_days: 30,
  archive_enabled: true,
  downsample_after_days: 7,
  downsample_interval: '1h',
  events_retention_days: 90,
  logs_retention_days: 30,
  pushed_retention_days: 30,
  perf_events_enabled: true,
  perf_events_cpu_cores: 'all',
  perf_events_interval_ms: 1000,
  app_version: '0.1.0',
}
const ask = async (method: string, path: string, body?: unknown) => {
  const answer = await server.ask(method, path, { token, body })
  return [answer.status, answer.body]
}
const cpuAt = (...times: number[]) =>
  server.store.write(
    'metrics',
    times.map((at) => ({
      measurement: 'cpu',
      tags: { host: OWN_HOST },
      fields: { usage_percent: 1 },
      at: instant(at),
    })),
  )

describe('/api/config', () => {
  test('the examples of the seed', async () => {
    expect(await ask('GET', '/api/config')).toEqual([200, CONFIG])
    const changed = { ...CONFIG, retention_days: 60 }
    expect(await ask('PUT', '/api/config', { retention_days: 60, archive_enabled: true })).toEqual([
      200,
      { message: 'Configuration updated', config: changed },
    ])
    expect(await ask('GET', '/api/config')).toEqual([200, changed])
  })

  test.each([[{}], [{ nothing_of_the_kind: 1 }]])('%j changes nothing', async (change) => {
    expect(await ask('PUT', '/api/config', change)).toEqual([
      200,
      { message: 'Configuration updated', config: CONFIG },
    ])
  })

  test('one bad setting keeps the others from being changed', async () => {
    const [status] = await ask('PUT', '/api/config', {
      retention_days: 60,
      sampling_interval_seconds: 0,
    })
    expect(status).toBe(400)
    expect(await ask('GET', '/api/config')).toEqual([200, CONFIG])
  })

  test('a preview changes nothing and tells what would go', async () => {
    await cpuAt(START - 40 * DAY, START - 10 * DAY, START)
    await server.store.rollUp()
    const preview = { downsample_after_days: 3 }
    expect(await ask('PUT', '/api/config?preview=true', preview)).toEqual([
      200,
      {
        config: { ...CONFIG, ...preview },
        // raw rows that are rolled up, and the windows of the oldest one
        would_delete: [
          { dataset: 'metrics', interval: 'raw', points: 2, size_mb: expect.any(Number) },
          { dataset: 'metrics', interval: '1m', points: 1, size_mb: expect.any(Number) },
          { dataset: 'metrics', interval: '5m', points: 1, size_mb: expect.any(Number) },
        ],
        will_keep: [
          { interval: 'raw', retention_days: 3, mb_per_day: expect.any(Number) },
          { interval: '1m', retention_days: 15, mb_per_day: expect.any(Number) },
          { interval: '5m', retention_days: 15, mb_per_day: expect.any(Number) },
          { interval: '1h', retention_days: null, mb_per_day: expect.any(Number) },
        ],
      },
    ])
    expect(await ask('GET', '/api/config')).toEqual([200, CONFIG])
    expect((await server.store.extent('metrics', 'raw')).points).toBe(3)
  })

  test('only the word true is a preview', async () => {
    await ask('PUT', '/api/config?preview=false', { retention_days: 60 })
    expect(await ask('GET', '/api/config')).toEqual([200, { ...CONFIG, retention_days: 60 }])
  })
})

describe('/api/config/retention', () => {
  const tier = (interval: string, days: number | null, more: object = {}) => ({
    interval,
    retention_days: days,
    size_mb: 0,
    oldest_record: null,
    newest_record: null,
    ...more,
  })
  const SETTINGS = {
    retention_days: 30,
    archive_enabled: true,
    downsample_after_days: 7,
    downsample_interval: '1h',
  }

  test('before there is any data', async () => {
    expect(await ask('GET', '/api/config/retention')).toEqual([
      200,
      {
        ...SETTINGS,
        current_data_size_mb: 0,
        oldest_record: null,
        newest_record: null,
        tiers: [tier('raw', 7), tier('1m', 15), tier('5m', 15), tier('1h', null)],
      },
    ])
  })

  test('with data: the span is that of all tiers', async () => {
    await cpuAt(START - 2 * HOUR, START)
    await server.store.rollUp()
    const [, body] = await ask('GET', '/api/config/retention')
    expect(body).toMatchObject({
      oldest_record: toIso(instant(START - 2 * HOUR)),
      newest_record: toIso(START),
      tiers: [
        {
          interval: 'raw',
          oldest_record: toIso(instant(START - 2 * HOUR)),
          newest_record: toIso(START),
        },
        { interval: '1m', newest_record: toIso(instant(START - 2 * HOUR)) },
        { interval: '5m' },
        { interval: '1h' },
      ],
    })
    const { current_data_size_mb, tiers } = body as {
      current_data_size_mb: number
      tiers: { size_mb: number }[]
    }
    expect(current_data_size_mb).toBeCloseTo(
      tiers.reduce((sum, one) => sum + one.size_mb, 0),
      2,
    )
  })
})

describe('/api/retention, as the original page asks', () => {
  const RETENTION = {
    id: 1,
    retention_days: 30,
    archive_enabled: true,
    downsample_after_days: 7,
    downsample_interval: '1h',
    last_archive_run: null,
    created_at: toIso(START),
    updated_at: toIso(START),
    cleanup_enabled: true,
    cleanup_interval_minutes: 60,
  }

  test('a change is the same as one of /api/config, and is noted', async () => {
    expect(await ask('GET', '/api/retention')).toEqual([200, RETENTION])
    server.advance(HOUR)
    const later = { ...RETENTION, retention_days: 90, updated_at: toIso(instant(START + HOUR)) }
    const change = { ...RETENTION, retention_days: 90, sampling_interval_seconds: 60 }
    expect(await ask('PUT', '/api/retention', change)).toEqual([200, later])
    // what this older form does not know is not its own to change
    expect(await ask('GET', '/api/config')).toEqual([200, { ...CONFIG, retention_days: 90 }])
    server.advance(HOUR)
    expect(await ask('PUT', '/api/retention', {})).toEqual([200, later])
  })

  test('a clean-up rolls up, deletes, and says how much', async () => {
    await cpuAt(START - 40 * DAY, START - 20 * DAY, START - HOUR)
    server.advance(5_000)
    const last_archive_run = toIso(instant(START + 5_000))
    const [status, body] = await ask('POST', '/api/retention/cleanup')
    // three instants, each a window of 1m, 5m and 1h; of these the older two are beyond raw, 1m and 5m
    expect([status, body]).toEqual([
      200,
      { deleted_count: 6, downsampled_count: 9, last_archive_run },
    ])
    expect(await ask('GET', '/api/retention')).toEqual([200, { ...RETENTION, last_archive_run }])
    expect(await ask('POST', '/api/retention/cleanup')).toEqual([
      200,
      { deleted_count: 0, downsampled_count: expect.any(Number), last_archive_run },
    ])
  })
})

test('the last run is the last of the store, whoever asked for it', async () => {
  const { store } = server
  server.advance(5_000)
  await store.applyRetention([], { preview: true })
  expect(await ask('GET', '/api/retention')).toMatchObject([200, { last_archive_run: null }])
  await store.applyRetention([])
  const last_archive_run = toIso(instant(START + 5_000))
  server.advance(5_000)
  expect(await ask('GET', '/api/retention')).toMatchObject([200, { last_archive_run }])
})

test('two clean-ups at once are one', async () => {
  const { accounts, store, clock } = server
  let runs = 0
  const counting = { ...store, rollUp: async () => ++runs }
  const retention = await createRetentionState({ store: counting, accounts, clock })
  const [one, two] = await Promise.all([retention.run(), retention.run()])
  expect([one, two, runs]).toEqual([{ deleted: 0, written: 1 }, one, 1])
  expect((await retention.run()).written).toBe(2)
})
