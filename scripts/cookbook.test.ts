import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RangeAnswer } from '../src/api/history-schemas.ts'
import { METRICS } from '../src/catalog/catalog.ts'
import type { Metric } from '../src/catalog/metric.ts'
import { RECORD_SERIES } from '../src/catalog/records.ts'
import { systemClock } from '../src/points/clock.ts'
import { DAY, HOUR, windowStart } from '../src/points/instant.ts'
import { influxForTests } from '../src/testing/influxd.ts'
import { seedHost } from './bench/influx-seed.ts'
import { SMALL } from './bench/synthetic-host.ts'
import {
  DURATIONS,
  EVENT_METRIC,
  LOG_LINES,
  LOG_USER,
  PROJECT,
  rowsOf,
  startInfluxProduct,
  writerOf,
  type InfluxProduct,
} from './testing/influx-product.ts'

// The questions of influx/queries, asked by the real influx CLI with the profile that `perfwatch influx-config` writes. What
// they must answer is computed here from single rows, from PerfWatch's API, or is what was sent.

const FOLDER = fileURLToPath(new URL('../influx/queries', import.meta.url))
const FILES = readdirSync(FOLDER)
const DAYS = 2
/** Made up by `perfwatch seed`. */
const DEMO = 'demo'
/** Has hours of more than two weeks, and little else: that is quickly written. */
const WEEKS = 'weeks'
const DEPTH = { raw: HOUR, '1m': 3 * HOUR, '5m': 3 * HOUR, '1h': 16 * DAY }
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
  const of = async (name: string, file: string) =>
    (await query(file)).filter(({ host }) => host === name)

  /** Every hour of a field, to compute an answer from. */
  const hours = async (measurement: string, field: string, days: number) => {
    const script = `from(bucket: "perfwatch_1h") |> range(start: -${days}d) |> filter(fn: (r) => r._measurement == "${measurement}" and r._field == "${field}" and r.host == "${WEEKS}")`
    const args = [
      'query',
      '--raw',
      '--configs-path',
      configs,
      '--active-config',
      'perfwatch',
      script,
    ]
    const { stdout } = await run(binaries?.influx ?? '', args, { maxBuffer: 64 * 1024 * 1024 })
    const rows = rowsOf(stdout)
    expect(rows.length).toBeGreaterThan(100)
    return rows.map((row) => ({
      at: Date.parse(row['_time'] ?? ''),
      value: Number(row['_value']),
      mount: row['mount'] ?? '',
    }))
  }
  const usage = (days: number) => hours('cpu', 'usage_percent', days)
  const mean = (numbers: readonly number[]) =>
    numbers.reduce((sum, one) => sum + one, 0) / numbers.length

  beforeAll(async () => {
    if (binaries === null) return
    product = await startInfluxProduct(binaries, DAYS, async (write) => {
      const now = windowStart(systemClock.now(), HOUR)
      await seedHost({ write }, { host: WEEKS, shape: SMALL, now, depth: DEPTH })
    })
    configs = join(product.server().folder, 'influx-configs')
    await product.cli('influx-config', '--path', configs)
  }, 180_000)
  afterAll(() => product?.end())

  it('busiest hours', async () => {
    const rows = await of(WEEKS, 'busiest-hours.flux')
    const expected = descending((await usage(30)).map(({ value }) => value)).slice(0, 10)
    expect(descending(values(rows))).toEqual(expected.map(near))
  })

  it('mounts by growth', async () => {
    const grown = new Map<string, number[]>()
    for (const { mount, value } of await hours('filesystem', 'used_bytes', 7))
      grown.set(mount, [...(grown.get(mount) ?? []), value])
    const rows = await of(WEEKS, 'mounts-by-growth.flux')
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
    const rows = await of(WEEKS, 'cpu-p95-by-weekday.flux')
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
    const [row] = await of(WEEKS, 'this-week-against-last.flux')
    const border = Date.now() - 7 * DAY
    const all = await usage(14)
    const thisWeek = mean(all.filter(({ at }) => at >= border).map(({ value }) => value))
    const lastWeek = mean(all.filter(({ at }) => at < border).map(({ value }) => value))
    expect(Number(row?.['this_week'])).toBeCloseTo(thisWeek, 4)
    expect(Number(row?.['last_week'])).toBeCloseTo(lastWeek, 4)
    expect(Number(row?.['change_percent'])).toBeCloseTo(100 * (thisWeek / lastWeek - 1), 4)
  })

  it('gaps: there is none in what was made up', async () => {
    expect(await of(DEMO, 'gaps.flux')).toEqual([])
  })

  it('gaps: of a host that was away', async () => {
    const now = Math.floor(Date.now() / 60_000) * 60
    const lines = [now - 3_600, now - 3_540, now - 1_200].map(
      (at) => `cpu,host=away usage_percent=1 ${at}000000000`,
    )
    const write = await writerOf(product.influxd.url, product.server().folder)
    await write('perfwatch_1m', lines.join('\n'))
    const rows = (await query('gaps.flux')).filter(({ host }) => host === 'away')
    expect(rows.map(({ elapsed }) => Number(elapsed))).toEqual([2_340])
    const silent = (await query('silent-hosts.flux')).filter(({ host }) => host === 'away')
    expect(Number(silent[0]?.['seconds'])).toBeGreaterThanOrEqual(1_200)
    expect(Number(silent[0]?.['seconds'])).toBeLessThan(1_500)
  })

  it('ingest rate: of samples every five seconds', async () => {
    const [row] = await of(DEMO, 'ingest-rate.flux')
    expect(Number(row?.['_value'])).toBeGreaterThan(1)
    expect(Number(row?.['_value'])).toBeLessThanOrEqual(12)
  })

  it('network talkers', async () => {
    const rows = await of(DEMO, 'network-talkers.flux')
    expect(rows.length).toBeGreaterThan(0)
    expect(values(rows)).toEqual(descending(values(rows)))
    const now = Date.now() / 1000
    const answer = (await product
      .server()
      .get(
        `/api/history/metrics?metric_type=network&host=${DEMO}&interval=5m&start_time=${now - 86_400}&end_time=${now - 600}`,
      )) as RangeAnswer
    const [first] = rows
    const rates = answer.data_points.flatMap(({ data }) => {
      const interfaces = data['interfaces'] as Record<string, Record<string, number>>
      const one = interfaces[first?.['interface'] ?? '']
      return one === undefined
        ? []
        : [(one['bytes_sent_per_sec'] ?? 0) + (one['bytes_recv_per_sec'] ?? 0)]
    })
    expect(Number(first?.['_value']) / mean(rates)).toBeCloseTo(1, 1)
  })

  it('memory headroom', async () => {
    const [row] = await of(WEEKS, 'memory-headroom.flux')
    const all = await hours('memory', 'available_bytes_min', 7)
    const least = Math.min(...all.map(({ value }) => value))
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
