import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CompareAnswer, RangeAnswer } from '../src/api/history-schemas.ts'
import { METRICS } from '../src/catalog/catalog.ts'
import type { Metric } from '../src/catalog/metric.ts'
import { RECORD_SERIES } from '../src/catalog/records.ts'
import { influxForTests } from '../src/testing/influxd.ts'
import {
  DURATIONS,
  EVENT_METRIC,
  LOG_LINES,
  LOG_USER,
  PROJECT,
  rowsOf,
  startInfluxProduct,
  type InfluxProduct,
} from './testing/influx-product.ts'

// The questions of influx/queries, asked by the real influx CLI with the profile that `perfwatch influx-config` writes. What
// they must answer is computed from PerfWatch's API, or is what was sent.

const FOLDER = fileURLToPath(new URL('../influx/queries', import.meta.url))
const FILES = readdirSync(FOLDER)
const DAYS = 16
const HOST = 'demo'
const run = promisify(execFile)
const binaries = influxForTests()

type Row = Readonly<Record<string, string>>
const values = (rows: readonly Row[]) => rows.map((row) => Number(row['_value']))
const descending = (numbers: readonly number[]) => numbers.toSorted((a, b) => b - a)
const near = (expected: number) =>
  expect.closeTo(expected, 6 - Math.ceil(Math.log10(Math.abs(expected) + 1)))

describe('the cookbook', () => {
  const fields = new Map<string, Set<string>>()
  for (const metric of METRICS as readonly Metric[])
    for (const one of metric.series)
      fields.set(
        one.measurement,
        new Set(
          Object.keys(one.fields).flatMap((name) => [
            name,
            `${name}_min`,
            `${name}_max`,
            `${name}_n`,
          ]),
        ),
      )
  for (const one of RECORD_SERIES) fields.set(one.measurement, new Set(Object.keys(one.fields)))

  it.each(FILES)('%s names what the catalogue has, and says what it answers', (file) => {
    const text = readFileSync(join(FOLDER, file), 'utf8')
    expect(text).toMatch(/^\/\/ .+\n(\/\/ .+\n)+/)
    const measurements = [...text.matchAll(/_measurement == "(\w+)"/g)].map(([, name = '']) => name)
    const named = [...text.matchAll(/_field == "(\w+)"/g)].map(([, name = '']) => name)
    for (const name of measurements) expect([...fields.keys()]).toContain(name)
    const known = new Set(measurements.flatMap((name) => [...(fields.get(name) ?? [])]))
    for (const name of named) expect([...known]).toContain(name)
  })
})

describe.skipIf(binaries === null)('asked by the influx CLI', () => {
  let product: InfluxProduct
  let configs: string
  const asked = new Set<string>()

  const query = async (file: string): Promise<readonly Row[]> => {
    asked.add(file)
    const args = [
      'query',
      '--raw',
      '--configs-path',
      configs,
      '--active-config',
      'perfwatch',
      '--file',
      join(FOLDER, file),
    ]
    const { stdout } = await run(binaries?.influx ?? '', args, { maxBuffer: 64 * 1024 * 1024 })
    return rowsOf(stdout)
  }
  const ofDemo = async (file: string) => (await query(file)).filter(({ host }) => host === HOST)

  /** Hours of the demo host out of the API. */
  const hours = async (metric: string, days: number) => {
    const now = Date.now() / 1000
    const answer = (await product.server.get(
      `/api/history/metrics?metric_type=${metric}&host=${HOST}&interval=1h&limit=10000&stats=true&start_time=${now - days * 86_400}&end_time=${now}`,
    )) as RangeAnswer
    const newest = Math.floor(Date.now() / 3600_000) * 3600_000
    // what is not whole yet is not in the bucket
    return answer.data_points.filter(
      ({ timestamp }) =>
        Date.parse(timestamp) < newest && Date.parse(timestamp) >= (now - days * 86_400) * 1000,
    )
  }
  const usage = async (days: number) =>
    (await hours('cpu', days)).map(({ timestamp, data }) => ({
      at: timestamp,
      value: Number(data['usage_percent']),
    }))

  beforeAll(async () => {
    if (binaries === null) return
    product = await startInfluxProduct(binaries, DAYS)
    configs = join(product.folder, 'influx-configs')
    await product.cli('influx-config', '--path', configs)
  }, 180_000)
  afterAll(() => product?.end())

  it('busiest hours', async () => {
    const rows = await ofDemo('busiest-hours.flux')
    const expected = descending((await usage(30)).map(({ value }) => value)).slice(0, 10)
    expect(descending(values(rows))).toEqual(expected.map(near))
  })

  it('mounts by growth', async () => {
    const grown = new Map<string, number[]>()
    for (const { data } of await hours('disk', 7)) {
      const mounts = data['partitions'] as Record<string, { used_bytes: number }>
      for (const [mount, { used_bytes }] of Object.entries(mounts))
        grown.set(mount, [...(grown.get(mount) ?? []), used_bytes])
    }
    const rows = await ofDemo('mounts-by-growth.flux')
    expect(new Set(rows.map(({ mount }) => mount))).toEqual(new Set(grown.keys()))
    for (const row of rows) {
      const all = grown.get(row['mount'] ?? '') ?? []
      expect(Number(row['_value']) / (Math.max(...all) - Math.min(...all))).toBeCloseTo(1, 4)
    }
    expect(values(rows)).toEqual(descending(values(rows)))
  })

  it('CPU by weekday', async () => {
    const days = new Map<number, number[]>()
    for (const { at, value } of await usage(30)) {
      const day = new Date(at).getUTCDay()
      days.set(day, [...(days.get(day) ?? []), value])
    }
    const rows = await ofDemo('cpu-p95-by-weekday.flux')
    expect(rows.map(({ weekday }) => Number(weekday))).toEqual(
      [...days.keys()].toSorted((a, b) => a - b),
    )
    for (const row of rows) {
      const sorted = (days.get(Number(row['weekday'])) ?? []).toSorted((a, b) => a - b)
      const place = 0.95 * (sorted.length - 1)
      const [low = 0, high = low] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]]
      expect(Number(row['_value'])).toBeCloseTo(low + (high - low) * (place % 1), 4)
    }
  })

  it('this week against last', async () => {
    const [row] = await ofDemo('this-week-against-last.flux')
    const answer = (await product.server.get(
      `/api/history/compare?metric_type=cpu&host=${HOST}&period=week&compare_to=last_week&interval=1h`,
    )) as CompareAnswer
    // hours count alike here, and by their samples there
    expect(Number(row?.['this_week']) / (answer.summary.current_avg ?? 0)).toBeCloseTo(1, 1)
    expect(Number(row?.['last_week']) / (answer.summary.comparison_avg ?? 0)).toBeCloseTo(1, 1)
    const change = 100 * (Number(row?.['this_week']) / Number(row?.['last_week']) - 1)
    expect(Number(row?.['change_percent'])).toBeCloseTo(change, 6)
  })

  it('gaps: there is none in what was made up', async () => {
    expect(await ofDemo('gaps.flux')).toEqual([])
  })

  it('gaps: of a host that was away', async () => {
    const now = Math.floor(Date.now() / 60_000) * 60
    const lines = [now - 3_600, now - 3_540, now - 1_200].map(
      (at) => `cpu,host=away usage_percent=1 ${at}`,
    )
    const tokens = JSON.parse(readFileSync(join(product.folder, 'influx-tokens.json'), 'utf8')) as {
      operator: { token: string }
    }
    await fetch(
      `${product.influxd.url}/api/v2/write?org=perfwatch&bucket=perfwatch_1m&precision=s`,
      {
        method: 'POST',
        headers: { authorization: `Token ${tokens.operator.token}` },
        body: lines.join('\n'),
      },
    )
    const rows = (await query('gaps.flux')).filter(({ host }) => host === 'away')
    expect(rows.map(({ elapsed }) => Number(elapsed))).toEqual([2_340])
    const silent = (await query('silent-hosts.flux')).filter(({ host }) => host === 'away')
    expect(Number(silent[0]?.['seconds'])).toBeGreaterThanOrEqual(1_200)
    expect(Number(silent[0]?.['seconds'])).toBeLessThan(1_500)
  })

  it('ingest rate: of samples every five seconds', async () => {
    const [row] = await ofDemo('ingest-rate.flux')
    expect(Number(row?.['_value'])).toBeGreaterThan(1)
    expect(Number(row?.['_value'])).toBeLessThanOrEqual(12)
  })

  it('network talkers', async () => {
    const rows = await ofDemo('network-talkers.flux')
    expect(rows.length).toBeGreaterThan(0)
    expect(values(rows)).toEqual(descending(values(rows)))
    const now = Date.now() / 1000
    const answer = (await product.server.get(
      `/api/history/metrics?metric_type=network&host=${HOST}&interval=5m&start_time=${now - 86_400}&end_time=${now - 600}`,
    )) as RangeAnswer
    const [first] = rows
    const rates = answer.data_points.flatMap(({ data }) => {
      const interfaces = data['interfaces'] as Record<string, Record<string, number>>
      const one = interfaces[first?.['interface'] ?? '']
      return one === undefined
        ? []
        : [(one['bytes_sent_per_sec'] ?? 0) + (one['bytes_recv_per_sec'] ?? 0)]
    })
    const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length
    expect(Number(first?.['_value']) / mean).toBeCloseTo(1, 1)
  })

  it('memory headroom', async () => {
    const [row] = await ofDemo('memory-headroom.flux')
    const least = Math.min(
      ...(await hours('memory', 7)).map(({ min }) => Number(min?.['available_bytes'])),
    )
    expect(Number(row?.['_value'])).toBeCloseTo(least, 0)
  })

  it('rows by measurement', async () => {
    const rows = await query('rows-by-measurement.flux')
    expect(values(rows).every((count) => count > 0)).toBe(true)
    expect(rows.map((row) => row['_measurement'])).toContain('cpu')
  })

  it('slowest events', async () => {
    const rows = await query('slowest-events.flux')
    expect(rows.map(({ project, metric }) => [project, metric])).toEqual(
      DURATIONS.map(() => [PROJECT, EVENT_METRIC]),
    )
    expect(values(rows)).toEqual(descending(DURATIONS))
  })

  it('error lines by process', async () => {
    const rows = await query('error-lines-by-process.flux')
    const errors = LOG_LINES.filter(([level]) => level === 'error')
    expect(rows.map(({ user, process, _value }) => [user, process, Number(_value)])).toEqual([
      [LOG_USER, 'shopd', errors.length],
    ])
  })

  it('leaves no file unasked', () => {
    expect([...asked].toSorted()).toEqual(FILES.toSorted())
  })
})
