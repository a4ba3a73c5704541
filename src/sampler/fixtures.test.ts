import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { METRICS, type MetricName } from '../catalog/catalog.ts'
import type { Metric } from '../catalog/metric.ts'
import { instant } from '../points/instant.ts'
import type { Reading } from '../points/sample.ts'
import { fakeClock } from '../testing/fake-clock.ts'
import { openHostFiles, type Blocks, type HostFiles } from './host-files.ts'
import { openCollectors } from './open-collectors.ts'
import { openRounds } from './round.ts'

const FIXTURES = fileURLToPath(new URL('fixtures', import.meta.url))
const KINDS = ['vm', 'bare-metal', 'kernel-4', 'container'] as const
type Kind = (typeof KINDS)[number]
const APART_MS = 5_000

const json = (kind: Kind, name: string) =>
  JSON.parse(readFileSync(join(FIXTURES, kind, name), 'utf8'))

/** The real files of a frozen tree, which `move` exchanges for the later one; statfs from a table. */
const frozenHost = (kind: Kind): { readonly files: HostFiles; readonly move: () => void } => {
  const tree = (when: string) =>
    openHostFiles({
      proc: join(FIXTURES, kind, when, 'proc'),
      sys: join(FIXTURES, kind, when, 'sys'),
      root: '/',
    })
  const [before, after] = [tree('before'), tree('after')]
  const usage: Readonly<Record<string, Blocks>> = json(kind, 'statfs.json')
  let now = before
  const files: HostFiles = {
    read: (path) => now.read(path),
    tryRead: (path) => now.tryRead(path),
    readOnce: (path) => now.readOnce(path),
    // at once, so that what is counted behind the sample's back is there for the next one
    pieces: async function* (path) {
      yield now.read(path)
    },
    list: (path) => now.list(path),
    exists: (path) => now.exists(path),
    blocks: async (mount) => {
      const blocks = usage[mount]
      if (blocks === undefined) throw new Error(`${mount} does not answer.`)
      return blocks
    },
    close: () => {
      before.close()
      after.close()
    },
  }
  return {
    files,
    move: () => {
      now = after
    },
  }
}

const sampleTwice = async (kind: Kind) => {
  const { clock, timers, advance } = fakeClock()
  const { files, move } = frozenHost(kind)
  const { collectors, close } = openCollectors({
    files,
    clock,
    timers,
    interfacesExclude: 'veth*,cali*,ifb*,dummy*',
    page: 4_096,
  })
  const rounds = openRounds({ clock, timers, host: kind, collectors })
  const first = await rounds.run(instant(0), APART_MS)
  await advance(APART_MS)
  move()
  const second = await rounds.run(instant(APART_MS), APART_MS)
  close()
  return { first, second }
}

const isRate = (field: string) =>
  /_per_sec$|_iops$|_latency_ms$|^(?:errors|drops)_(?:in|out)$/.test(field) ||
  ['user', 'system', 'softirq', 'steal', 'iowait', 'idle', 'busy_percent'].includes(field) ||
  ['interrupts', 'context_switches'].includes(field)

describe.each(KINDS)('on a frozen host of kind %s', (kind) => {
  it('the second sample is exactly the one worked out by hand', async () => {
    const { second } = await sampleTwice(kind)
    expect(second).toEqual({
      at: instant(APART_MS),
      host: kind,
      readings: json(kind, 'expected.json'),
      errors: [],
    })
  })

  it('the first sample has no rates, and the rest of its values', async () => {
    const { first } = await sampleTwice(kind)
    const rates = Object.values(first.readings).flatMap((reading) =>
      reading.kind === 'ok'
        ? reading.rows.flatMap(({ measurement, fields }) =>
            Object.entries(fields).filter(
              ([name]) =>
                isRate(name) || (measurement.startsWith('cpu') && name === 'usage_percent'),
            ),
          )
        : [],
    )
    expect(rates.length).toBeGreaterThan(30)
    expect(rates.filter(([, value]) => value !== null)).toEqual([])
    expect(first.readings.memory).toMatchObject({
      kind: 'ok',
      rows: [{ fields: { total_bytes: expect.any(Number), usage_percent: expect.any(Number) } }],
    })
  })

  it('every field of the catalogue is there, and no other', async () => {
    const { second } = await sampleTwice(kind)
    const collected = METRICS.filter(({ name }) => name !== 'perf_events')
    for (const metric of collected) expectFieldsOf(metric, second.readings[metric.name])
  })
})

const expectFieldsOf = (metric: Metric & { readonly name: MetricName }, reading?: Reading) => {
  expect(reading, metric.name).toBeDefined()
  if (reading?.kind !== 'ok') return
  for (const { measurement, fields, key } of reading.rows) {
    const series = metric.series.find((one) => one.measurement === measurement)
    expect(Object.keys(fields).toSorted(), measurement).toEqual(
      Object.keys(series?.fields ?? {}).toSorted(),
    )
    expect(key === undefined, measurement).toBe(series?.layout.kind === 'object')
  }
}

it('each kind is what its name says', () => {
  const has = (kind: Kind, path: string) => existsSync(join(FIXTURES, kind, 'after', path))
  const cpufreq = 'sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq'
  expect(
    KINDS.map((kind) => [
      kind,
      { cpufreq: has(kind, cpufreq), psi: has(kind, 'proc/pressure'), sys: has(kind, 'sys') },
    ]),
  ).toEqual([
    ['vm', { cpufreq: false, psi: true, sys: true }],
    ['bare-metal', { cpufreq: true, psi: true, sys: true }],
    ['kernel-4', { cpufreq: false, psi: false, sys: true }],
    ['container', { cpufreq: false, psi: false, sys: false }],
  ])
})
