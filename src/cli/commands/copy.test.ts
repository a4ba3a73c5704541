import { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { HOST_MEASUREMENTS } from '../../catalog/catalog.ts'
import { TIERS } from '../../catalog/tiers.ts'
import { systemClock } from '../../points/clock.ts'
import { DAY, HOUR, instant, windowStart, type Instant } from '../../points/instant.ts'
import type { NewRecord } from '../../points/record.ts'
import { openEmbedded } from '../../store/embedded/open-embedded.ts'
import { seriesKey } from '../../points/point.ts'
import { BESIDE, type SeriesColumns } from '../../store/range-query.ts'
import type { SeriesStore } from '../../store/store.ts'
import { binaries, OPERATOR, ORG, startLab, type Lab } from '../../store/influx/testing.ts'
import { fillDemo } from '../seed/fill.ts'
import { systemRooms } from '../system-rooms.ts'
import { runCli } from '../testing/run-cli.ts'

const COPY = ['copy', '--from', 'embedded', '--to', 'influx']
const NOW = systemClock.now()
/** The last whole hour but some: the tasks of the server make nothing there any more. */
const END = windowStart(NOW - 6 * HOUR, HOUR)

const line = (at: number, msg: string, seq: number): NewRecord => ({
  measurement: 'log',
  tags: { user: 'ann', level: 'info' },
  at: instant(at),
  seq,
  fields: { msg, pid: 7 },
})

/** A day of a host that ends some hours ago, and records. */
const fill = async (store: SeriesStore): Promise<void> => {
  await fillDemo(store, END, 1, () => {})
  const at = instant(END - DAY)
  await store.write('metrics', [
    { measurement: 'memory', tags: { host: 'late' }, fields: { used_bytes: 7 }, at },
  ])
  await store.write('pushed', [
    { measurement: 'weather', tags: { place: 'a "b"' }, fields: { temp: 1.5 }, at },
  ])
  await store.rollUp()
  await store.records.append('logs', [line(at, 'one\r\ntwo "quoted" 😀', 7), line(at, 'other', 8)])
  await store.records.append(
    'events',
    Array.from({ length: 12_000 }, (_, i) => ({
      measurement: 'event_duration',
      tags: { project: 'shop', metric: `m${i % 3}` },
      at: instant(END - DAY + i),
      fields: { duration_ms: i / 7 },
    })),
  )
}

/** Every value by its place. */
const valuesOf = (rows: readonly SeriesColumns[]): ReadonlyMap<string, number> => {
  const values = new Map<string, number>()
  for (const { measurement, tags, at, fields } of rows)
    for (const [field, column] of Object.entries(fields))
      for (const [part, numbers] of Object.entries(column))
        numbers.forEach((value, place) => {
          if (!Number.isNaN(value))
            values.set(`${seriesKey(measurement, tags)} ${field} ${part} ${at[place]}`, value)
        })
  return values
}

describe.skipIf(binaries === null)('perfwatch copy', () => {
  let lab: Lab
  let influx: SeriesStore
  let embedded: SeriesStore

  beforeAll(async () => {
    lab = await startLab()
    influx = await lab.open()
    embedded = openEmbedded({ folder: lab.folder, clock: systemClock })
    await fill(embedded)
  }, 120_000)
  afterAll(async () => {
    await embedded.close()
    await lab.end()
  })

  /** `onPut` hears of each stretch that is written. */
  const copy = (
    more: readonly string[] = [],
    { signals = new EventEmitter(), onPut = () => {} } = {},
  ) =>
    runCli([...COPY, ...more], {
      rooms: {
        ...systemRooms,
        openCopy: async (settings, hooks) => {
          const places = await systemRooms.openCopy(settings, hooks)
          const put: typeof places.target.put = (stretch) => {
            onPut()
            return places.target.put(stretch)
          }
          return { ...places, target: { ...places.target, put } }
        },
      },
      clock: systemClock,
      signals,
      environment: {
        DATA_DIR: lab.folder,
        INFLUX_URL: lab.server.url,
        INFLUX_TOKEN: OPERATOR,
        INFLUX_ORG: ORG,
      },
    })

  const rows = (store: SeriesStore, tier: (typeof TIERS)[number], host: string, from: Instant) =>
    store.read({
      dataset: 'metrics',
      measurements: HOST_MEASUREMENTS,
      tags: { host },
      tier,
      range: { from, to: instant(from + 6 * HOUR) },
      beside: tier === 'raw' ? [] : BESIDE,
    })

  it('stops when it is asked to, and goes on from there', { timeout: 60_000 }, async () => {
    const signals = new EventEmitter()
    let puts = 0
    const stopped = await copy([], {
      signals,
      onPut: () => {
        puts += 1
        if (puts === 20) signals.emit('SIGINT')
      },
    })
    expect(stopped).toMatchObject({
      code: 1,
      out: expect.stringContaining('Stopped. The same command goes on: perfwatch copy'),
    })
    expect(puts).toBeLessThan(22)
    let again = 0
    const done = await copy([], { onPut: () => (again += 1) })
    expect(done.code).toBe(0)
    let all = 0
    await copy(['--restart'], { onPut: () => (all += 1) })
    expect(again).toBe(all - (puts - 1))
  })

  it('brings every row of every tier along, and counts it', async () => {
    const { code, out } = await copy()
    expect(out).toContain('The history is in InfluxDB at')
    expect(out).not.toContain('broken')
    expect(out).toContain('event_duration: 12000 records copied, 12000 in InfluxDB: whole.')
    expect(code).toBe(0)
    const fresh = await lab.open()
    for (const tier of TIERS)
      for (const from of [END - DAY, END - 6 * HOUR])
        for (const host of ['demo', 'late']) {
          const there = valuesOf(await rows(fresh, tier, host, instant(from)))
          const here = valuesOf(await rows(embedded, tier, host, instant(from)))
          // where windows were made again out of raw rows their means have all digits
          const isSame = (place: string, value: number) =>
            Math.abs((there.get(place) ?? Number.NaN) - value) <=
            (place.includes(' value ') ? 1e-6 * Math.abs(value) : 0)
          expect([...here].filter(([place, value]) => !isSame(place, value))).toEqual([])
          expect(there.size).toBe(here.size)
        }
    const logs = {
      dataset: 'logs',
      measurement: 'log',
      tags: {},
      range: { from: instant(0), to: NOW },
      order: 'oldest first',
      limit: 10,
    } as const
    expect(await fresh.records.find(logs)).toEqual(await embedded.records.find(logs))
    expect(await fresh.records.series('events', 'event_duration', {})).toEqual(
      await embedded.records.series('events', 'event_duration', {}),
    )
    expect(await fresh.measurements('pushed')).toEqual(['weather'])
  })

  it('changes nothing the second time, and what InfluxDB has wins', async () => {
    const at = instant(END - DAY)
    await influx.write('metrics', [
      { measurement: 'memory', tags: { host: 'late' }, fields: { used_bytes: 9, free: 1 }, at },
    ])
    const { code } = await copy(['--restart'])
    expect(code).toBe(0)
    const fresh = await lab.open()
    const [memory] = await fresh.read({
      dataset: 'metrics',
      measurements: ['memory'],
      tags: { host: 'late' },
      tier: 'raw',
      range: { from: at, to: instant(at + 1) },
      beside: [],
    })
    expect(memory?.fields['used_bytes']?.value).toEqual(new Float64Array([9]))
    const [event] = await fresh.records.series('events', 'event_duration', { metric: 'm1' })
    expect(event?.count).toBe(4_000)
  })
})

describe('perfwatch copy, where it cannot be', () => {
  const run = async (environment: Record<string, string>) => {
    const folder = mkdtempSync(join(tmpdir(), 'perfwatch-copy-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const store = openEmbedded({ folder, clock: systemClock })
    await store.close()
    return runCli(COPY, {
      rooms: systemRooms,
      clock: systemClock,
      environment: { DATA_DIR: folder, ...environment },
    })
  }

  it.each([
    ['there is no embedded store', { DATA_DIR: '/nonexistent' }, 'there is no series.db'],
    ['no InfluxDB is named', {}, 'INFLUX_URL is not set'],
    [
      'InfluxDB is not there',
      { INFLUX_URL: 'http://127.0.0.1:1' },
      'nothing answers at http://127.0.0.1:1',
    ],
  ])('%s', async (_name, environment, sentence) => {
    const { code, err } = await run(environment)
    expect(code).toBe(1)
    expect(err).toContain(sentence)
  })
})
