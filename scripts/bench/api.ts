import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { RollupTier } from '../../src/catalog/tiers.ts'
import { makeSyntheticHost } from '../../src/cli/seed/synthetic-host.ts'
import { shapeOf, type HostShape } from '../../src/cli/seed/shape.ts'
import { systemClock } from '../../src/points/clock.ts'
import {
  DAY,
  HOUR,
  instant,
  MINUTE,
  SECOND,
  toIso,
  windowStart,
  type Instant,
} from '../../src/points/instant.ts'
import type { Point } from '../../src/points/point.ts'
import { toPoints } from '../../src/points/to-points.ts'
import { shelfOf } from '../../src/store/embedded/shelves.ts'
import type { SeriesStore } from '../../src/store/store.ts'
import type { Order, Timings } from './api-client.ts'
import { AS_BUILT, quantile, type BenchRow } from './bench.ts'
import { openBenchServer } from './bench-server.ts'
import { openChunks, openWideTables, type WideTables } from './wide-table.ts'

const HOST = 'bench'
const DAYS = 30
/**
 * Before the first run: until V8 has compiled what is asked for, as a server has that runs for weeks. While it compiles
 * one request in ten takes 3 ms more; the first ones are told beside.
 */
const WARM_UP_MS = 4_000
const WARM_AGAIN_MS = 100
const WARM_AGAIN = 10
/** The first requests of a server, told. */
const FIRST = 100
/** The quietest of several runs counts, on both sides: the machine may have other things to do. */
const RUNS = 3
const ROUNDS = 200
/** Of what the answers are compared with: nothing happens there that is rare, and it takes the longest. */
const SELECT_ROUNDS = 60
const MEASUREMENTS = ['cpu', 'cpu_core']

const SHAPES: readonly { readonly name: string; readonly shape: HostShape }[] = [
  { name: '2 cores', shape: shapeOf({ cores: 2, interfaces: 1, disks: 1, mounts: 2 }) },
  { name: '64 cores', shape: shapeOf({ cores: 64, interfaces: 20, disks: 12, mounts: 40 }) },
]

type Question = {
  readonly name: string
  readonly tier: RollupTier
  readonly path: (now: Instant) => string
  /** The stretches that the answer is made of, before now. */
  readonly stretches: readonly (readonly [from: number, to: number])[]
}

const rangeOf = (name: string, lengthMs: number, tier: RollupTier): Question => ({
  name,
  tier,
  path: (now) =>
    `/api/history/metrics?metric_type=cpu&start_time=${toIso(instant(now - lengthMs))}&end_time=${toIso(now)}&interval=${tier}`,
  stretches: [[-lengthMs, 0]],
})

const WEEK = 7 * DAY
const QUESTIONS: readonly Question[] = [
  rangeOf('4 h at 1m', 4 * HOUR, '1m'),
  rangeOf('24 h at 5m', 24 * HOUR, '5m'),
  rangeOf('30 d at 1h', DAYS * DAY, '1h'),
  {
    name: 'week against week',
    tier: '1h',
    path: () => '/api/history/compare?metric_type=cpu&period=week&compare_to=last_week',
    stretches: [
      [-WEEK, 0],
      [-2 * WEEK, -WEEK],
    ],
  },
]

/** Questions about cpu over HTTP, against a plain table of the same windows, for a small and a large host. */
export const benchApi = async (): Promise<BenchRow[]> => {
  const rows: BenchRow[] = []
  for (const { name, shape } of SHAPES) rows.push(...(await measureShape(name, shape)))
  return rows
}

const measureShape = async (name: string, shape: HostShape): Promise<BenchRow[]> => {
  const server = await openBenchServer(systemClock, HOST)
  const now = windowStart(systemClock.now(), 5 * SECOND)
  console.log(`seeding ${DAYS} days of ${name} ...`)
  await seedWindows(server.store, HOST, shape, now)
  await server.store.seal()
  const wide = openWideTables(server.folder)
  await fillWide(server.store, wide, now)
  const chunks = openChunks(server.folder)
  const client = fork(fileURLToPath(new URL('api-client.ts', import.meta.url)), [], {
    execArgv: AS_BUILT,
  })
  const rows: BenchRow[] = []
  for (const question of QUESTIONS) {
    const order = {
      url: `http://127.0.0.1:${server.port}${question.path(now)}`,
      token: server.token,
      rounds: ROUNDS,
    }
    const select = wide.reader(question.tier, MEASUREMENTS)
    const windows = question.stretches.map(([from, to]) => [now + from, now + to] as const)
    const shelf = shelfOf('metrics', question.tier)?.id ?? 0
    const asked: Timings[] = []
    const selected = time(() => total(windows.map(([from, to]) => select(from, to))))
    const read = time(() => total(windows.map(([from, to]) => chunks.read(shelf, from, to))))
    // In turns, so that a machine that is busy for a while is so for all of them.
    for (let run = 0; run < RUNS; run++) {
      asked.push(
        await timeAt(client, { ...order, warmUpMs: run === 0 ? WARM_UP_MS : WARM_AGAIN_MS }),
      )
      selected.run()
      read.run()
    }
    rows.push(rowOf(`api: cpu ${question.name}, ${name}`, { asked, selected, read }))
  }
  client.kill()
  chunks.close()
  wide.close()
  await server.close()
  return rows
}

/**
 * Few samples, as far as windows go: those that are read are as many as with one every five seconds for 30 days, and
 * each is a mean over three or six, which has as many digits. The last hour has what is read of raw.
 */
export const seedWindows = async (
  store: SeriesStore,
  host: string,
  shape: HostShape,
  now: Instant,
): Promise<void> => {
  const machine = makeSyntheticHost({ host, seed: 20_250_118, shape })
  let batch: Point[] = []
  const flush = async () => {
    await store.write('metrics', batch)
    batch = []
  }
  for (let at = windowStart(now - DAYS * DAY, 10 * MINUTE); at < now; at = nextSample(at, now)) {
    batch.push(...toPoints(machine.sampleAt(at)))
    if (batch.length >= 2_000) await flush()
  }
  await flush()
  await store.rollUp()
}

const nextSample = (at: Instant, now: Instant): Instant => {
  const age = now - at
  if (age > DAY + HOUR) return instant(at + 10 * MINUTE)
  if (age > 5 * HOUR) return instant(at + 100 * SECOND)
  return instant(at + (age > HOUR ? 20 : 5) * SECOND)
}

const fillWide = async (store: SeriesStore, wide: WideTables, now: Instant): Promise<void> => {
  const lengths = { '1m': 4 * HOUR, '5m': 24 * HOUR, '1h': DAYS * DAY } as const
  for (const tier of ['1m', '5m', '1h'] as const) {
    const range = { from: instant(now - lengths[tier]), to: now }
    const query = {
      dataset: 'metrics',
      measurements: MEASUREMENTS,
      tags: { host: HOST },
      beside: [],
    } as const
    wide.fill(tier, await store.read({ ...query, tier, range }))
  }
}

const timeAt = (client: ChildProcess, order: Order): Promise<Timings> =>
  new Promise((resolve, reject) => {
    const died = () => reject(new Error('The client of the bench ended.'))
    client.once('exit', died)
    client.once('message', (timings: Timings) => {
      client.off('exit', died)
      resolve(timings)
    })
    client.send(order)
  })

type Timed = { readonly runs: readonly (readonly number[])[]; readonly count: number }

/** Times `work` so often at each `run`, beside the runs before. */
const time = (work: () => number): Timed & { run(): void } => {
  const runs: number[][] = []
  const count = work()
  return {
    runs,
    count,
    run: () => {
      const ms: number[] = []
      for (let round = 0; round < WARM_AGAIN; round++) work()
      for (let round = 0; round < SELECT_ROUNDS; round++) {
        const startedAt = performance.now()
        work()
        ms.push(performance.now() - startedAt)
      }
      runs.push(ms)
    },
  }
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0)

/** Of the run with the lowest p95. */
const quietest = (runs: readonly (readonly number[])[], q: number): number => {
  const [best = []] = runs.toSorted((a, b) => quantile(a, 0.95) - quantile(b, 0.95))
  return quantile(best, q)
}

const MOST_MS = 25
const MOST_RATIO = 3

const rowOf = (
  figure: string,
  seen: { readonly asked: readonly Timings[]; readonly selected: Timed; readonly read: Timed },
): BenchRow => {
  const runs = seen.asked.map(({ ms }) => ms)
  const kibibytes = Math.round((seen.asked[0]?.bytes ?? 0) / 1024)
  const p95 = quietest(runs, 0.95)
  const select = quietest(seen.selected.runs, 0.95)
  const chunks = quietest(seen.read.runs, 0.95)
  const first = quantile(seen.asked[0]?.before.slice(0, FIRST) ?? [], 0.95)
  return {
    figure,
    measured: `p95 ${p95.toFixed(1)} (p50 ${quietest(runs, 0.5).toFixed(1)}) ms, ${(p95 / select).toFixed(2)}x the SELECT (${select.toFixed(1)} ms, ${seen.selected.count} rows), ${(p95 / chunks).toFixed(0)}x fetching its ${seen.read.count} chunks; ${kibibytes} KiB; the first ${FIRST} requests p95 ${first.toFixed(1)} ms`,
    target: `<= ${MOST_MS} ms, <= ${MOST_RATIO}x the SELECT`,
    ok: p95 <= MOST_MS && p95 / select <= MOST_RATIO,
    method: `p95 of the quietest of ${RUNS} runs of ${ROUNDS} after ${WARM_UP_MS / 1000} s of the same, of the SELECT of ${SELECT_ROUNDS}; requests over one kept connection from another process, JSON read whole and not parsed; embedded store with ${DAYS} days of a synthetic host. The bare SELECT: SELECT * ... WHERE host = ? AND time >= ? AND time < ?, prepared, .all() into objects, on a plain SQLite table with a column per field (values only, WITHOUT ROWID) that holds the same windows. The chunks are fetched and left compressed`,
  }
}
