import { request } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DAY, HOUR, instant, MINUTE, toIso } from '../points/instant.ts'
import { openServer, OWN_HOST, START, type TestServer } from './testing/open-server.ts'

let server: TestServer
let token: string

beforeAll(async () => {
  server = await openServer({ TRUSTED_PROXIES: '127.0.0.1,::1' })
  token = await server.tokenOf('viewer')
  const cpu = (at: number, usage: number, host = OWN_HOST) => ({
    measurement: 'cpu',
    tags: { host },
    fields: { usage_percent: usage, user: 30.5, system: 14.7 },
    at: instant(at),
  })
  const minutes = Array.from({ length: 5 }, (_, i) => START - HOUR + i * MINUTE)
  await server.store.write('metrics', [
    ...minutes.map((at, i) => cpu(at, 40 + i)),
    ...minutes.map((at, i) => cpu(at - DAY, 20 + i)),
    cpu(START - HOUR, 1, 'web-9'),
  ])
  await server.store.write('pushed', [
    { measurement: 'boiler', tags: {}, fields: { degrees: 60 }, at: instant(START - HOUR) },
  ])
})
afterAll(() => server.close())

const get = (path: string, headers: Record<string, string> = {}) =>
  server.ask('GET', path, { token, headers })
const from = toIso(instant(START - HOUR))
const to = toIso(instant(START - HOUR + 2 * MINUTE))
const range = `/api/history/metrics?metric_type=cpu&start_time=${from}&end_time=${to}&interval=1m`
const custom = 'start_time_1=2025-01-02&end_time_1=2025-01-03&start_time_2=2025-01-01&end_time_2='

test('the example of the seed: cpu by the minute', async () => {
  const { status, body, headers } = await get(range)
  expect([status, headers.get('content-type')]).toEqual([200, 'application/json'])
  expect(body).toMatchObject({
    metric_type: 'cpu',
    start_time: from,
    end_time: to,
    interval: '1m',
    sampling_interval_seconds: 5,
    count: 3,
    truncated: false,
    data_points: [0, 1, 2].map((i) => ({
      timestamp: toIso(instant(START - HOUR + i * MINUTE)),
      data: { usage_percent: 40 + i, user: 30.5, system: 14.7, idle: null, per_core: [] },
    })),
  })
})

test('the example of the seed: the types', async () => {
  expect((await get('/api/history/metrics/types')).body).toEqual({
    metric_types: ['cpu', 'disk', 'memory', 'memory_bandwidth', 'network', 'perf_events'],
  })
  expect((await get('/api/history/metrics/types?all=true')).body).toEqual({
    metric_types: expect.arrayContaining(['cpu', 'pressure', 'boiler']),
  })
})

test('the example of the seed: an hour against yesterday', async () => {
  const path = '/api/history/compare?metric_type=cpu&period=hour&compare_to=yesterday'
  const { status, body } = await get(path)
  expect(status).toBe(200)
  expect(body).toMatchObject({
    metric_type: 'cpu',
    period: 'hour',
    compare_to: 'yesterday',
    interval: '1m',
    current: { start_time: from, end_time: toIso(START), count: 5 },
    comparison: { start_time: toIso(instant(START - HOUR - DAY)), count: 5 },
    summary: { current_avg: 42, comparison_avg: 22 },
  })
})

test('the example of the seed: two ranges of one’s own, of which the first is the current one', async () => {
  const [day, before] = [toIso(instant(START - HOUR - DAY)), toIso(instant(START - DAY))]
  const path = `/api/history/compare?metric_type=cpu&start_time_1=${from}&end_time_1=${toIso(START)}&start_time_2=${day}&end_time_2=${before}&period=hour`
  expect((await get(path)).body).toMatchObject({
    period: 'custom',
    compare_to: 'custom',
    interval: '1m',
    current: { start_time: from, end_time: toIso(START), count: 5 },
    comparison: { start_time: day, end_time: before, count: 5 },
    summary: { current_avg: 42, comparison_avg: 22, change_percent: expect.closeTo(90.909, 2) },
  })
})

test('another host is asked by its name, and limit and stats are heard', async () => {
  expect((await get(`${range}&host=web-9&limit=1&stats=true`)).body).toMatchObject({
    count: 1,
    data_points: [
      {
        data: { usage_percent: 1 },
        min: { usage_percent: 1 },
        max: { usage_percent: 1 },
      },
    ],
  })
})

test.each([
  [
    range.replace('cpu', 'gpu'),
    400,
    'Invalid metric_type. Must be one of: cpu, disk, memory, memory_bandwidth, network, perf_events',
  ],
  [range.replace('metric_type=cpu&', ''), 400, 'metric_type is required'],
  [range.replace('1m', '2h'), 400, 'Invalid interval: 2h'],
  [range.replace(to, from), 400, 'start_time must be before end_time'],
  [`${range}&limit=0`, 400, 'limit must be a whole number from 1 to 10000'],
  [`${range}&limit=10001`, 400, 'limit must be a whole number from 1 to 10000'],
  [`${range}&limit=ten`, 400, 'limit must be a whole number from 1 to 10000'],
  [`${range}&format=xml`, 400, 'format must be one of: csv, json'],
  [`${range}&host=nowhere`, 404, 'Resource not found'],
  [
    range.replace(from, 'soon'),
    400,
    'start_time must be a time such as 2025-01-18T10:00:00Z or Unix seconds',
  ],
  ['/api/history/compare?period=hour&compare_to=yesterday', 400, 'metric_type is required'],
  [
    '/api/history/compare?metric_type=cpu',
    400,
    'period and compare_to are required for relative comparison',
  ],
  [
    '/api/history/compare?metric_type=cpu&period=year&compare_to=yesterday',
    400,
    'Invalid period. Must be one of: day, hour, week',
  ],
  [
    '/api/history/compare?metric_type=cpu&period=day&compare_to=now',
    400,
    'Invalid compare_to. Must be one of: last_week, yesterday',
  ],
  [
    '/api/history/compare?metric_type=cpu&start_time_1=1',
    400,
    'start_time_1, end_time_1, start_time_2, end_time_2 are required for custom comparison',
  ],
  [
    `/api/history/compare?metric_type=cpu&${custom}2025-01-04`,
    400,
    'Custom comparison periods must have the same duration',
  ],
  [
    `/api/history/compare?metric_type=cpu&${custom}2025-01-01`,
    400,
    'start_time must be before end_time',
  ],
  [
    '/api/history/compare?metric_type=cpu&period=hour&compare_to=yesterday&host=nowhere',
    404,
    'Resource not found',
  ],
])('%s: %d %s', async (path, status, detail) => {
  const answer = await get(path)
  expect([answer.status, answer.body]).toEqual([status, { detail }])
})

describe('CSV', () => {
  test.each([
    ['by the parameter', '&format=csv', {}],
    ['by the parameter, whatever is accepted', '&format=CSV', { Accept: 'application/json' }],
    ['by what is accepted', '', { Accept: 'text/csv' }],
    ['by what is preferred', '', { Accept: 'application/json;q=0.5, text/csv' }],
  ])('%s', async (_, parameter, headers: Record<string, string>) => {
    const answer = await get(range + parameter, headers)
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(answer.headers.get('content-disposition')).toBe(
      'attachment; filename="perfwatch-cpu.csv"',
    )
    const [names = '', ...lines] = String(answer.body).trim().split('\r\n')
    expect(names).toMatch(/^timestamp,usage_percent,user,system,/)
    expect(lines.map((line) => line.split(',').slice(0, 2))).toEqual(
      [0, 1, 2].map((i) => [toIso(instant(START - HOUR + i * MINUTE)), String(40 + i)]),
    )
  })

  test.each([
    ['format=json', { Accept: 'text/csv' }],
    ['', { Accept: '*/*' }],
    ['', { Accept: 'text/html, application/json' }],
  ])('and not where JSON is asked for: %s %j', async (parameter, headers) => {
    const answer = await get(`${range}&${parameter}`, headers)
    expect(answer.headers.get('content-type')).toBe('application/json')
  })

  test('of a comparison tells the periods apart', async () => {
    const path = '/api/history/compare?metric_type=cpu&period=hour&compare_to=yesterday&format=csv'
    const lines = String((await get(path)).body)
      .trim()
      .split('\r\n')
    expect(lines.map((line) => line.split(',')[0])).toEqual([
      'period',
      ...Array.from({ length: 5 }, () => 'current'),
      ...Array.from({ length: 5 }, () => 'comparison'),
    ])
  })
})

describe('a large answer', () => {
  const start = START - 10 * HOUR
  const path = `/api/history/metrics?metric_type=network&start_time=${start / 1000}&end_time=${start / 1000 + 3600}&interval=5s`
  /** Without fetch: it unpacks what it gets. */
  const raw = (headers: Record<string, string>) =>
    new Promise<{ encoding: string | undefined; bytes: Buffer }>((resolve, reject) => {
      const asked = request(
        server.url + path,
        { headers: { Authorization: `Bearer ${token}`, ...headers } },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('end', () =>
            resolve({
              encoding: response.headers['content-encoding'],
              bytes: Buffer.concat(chunks),
            }),
          )
        },
      )
      asked.on('error', reject)
      asked.end()
    })

  beforeAll(() =>
    server.store.write(
      'metrics',
      Array.from({ length: 720 }, (_, i) => ({
        measurement: 'network',
        tags: { host: OWN_HOST },
        fields: { bytes_sent_per_sec: i },
        at: instant(start + i * 5_000),
      })),
    ),
  )

  test('is packed for another machine that takes it', async () => {
    const plain = await raw({})
    expect(plain.encoding).toBe(undefined)
    const packed = await raw({ 'Accept-Encoding': 'gzip, br', 'X-Forwarded-For': '203.0.113.7' })
    expect(packed.encoding).toBe('gzip')
    expect(gunzipSync(packed.bytes).equals(plain.bytes)).toBe(true)
  })

  test.each([
    ['on the same machine', { 'Accept-Encoding': 'gzip' }],
    ['that does not take it', { 'X-Forwarded-For': '203.0.113.7' }],
    ['that refuses it', { 'Accept-Encoding': 'gzip;q=0, br', 'X-Forwarded-For': '203.0.113.7' }],
  ])('is not packed for one %s', async (_, headers: Record<string, string>) => {
    expect((await raw(headers)).encoding).toBe(undefined)
  })
})

test('a store that cannot answer is a 500 with an id that is in the log, and nothing else gets out', async () => {
  server.store.failWith(new Error('disk full at /var/lib/secret'))
  const { status, body } = await get(range)
  server.store.failWith(undefined)
  const id = (body as { error_id: string }).error_id
  expect([status, body]).toEqual([500, { detail: 'Internal server error', error_id: id }])
  expect(id).toMatch(/^[0-9a-f]{12}$/)
  const line = server.lines.find((one) => one.includes(id)) ?? ''
  expect(JSON.parse(line)).toMatchObject({
    level: 'error',
    error_id: id,
    err: { message: 'disk full at /var/lib/secret', stack: expect.any(String) },
  })
})
