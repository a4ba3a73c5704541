import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventDuration, log } from '../../src/catalog/records.ts'
import { eventStatistics } from '../../src/history/events.ts'
import { findLogs, parseLogQuestion } from '../../src/history/logs.ts'
import { systemClock } from '../../src/points/clock.ts'
import { DAY, instant, MINUTE, windowStart } from '../../src/points/instant.ts'
import type { NewRecord } from '../../src/points/record.ts'
import { openEmbedded } from '../../src/store/embedded/open-embedded.ts'
import type { RecordStore } from '../../src/store/records.ts'
import { influxForTests } from '../../src/testing/influxd.ts'
import { quantile, type BenchRow } from './bench.ts'
import {
  BATCH_LINES,
  EVENT_CONNECTIONS,
  LEVELS,
  LOGS_A_BATCH,
  messageOf,
  openDoorClients,
} from './door-clients.ts'
import { openInfluxLab } from './influx-lab.ts'

const FOR_MS = Number(process.env.BENCH_SECONDS ?? 15) * 1_000

type Load = { readonly requests: number; readonly seconds: number; readonly p95: number }

/** Asks again and again on so many connections for the time; an answer that is not well ends the bench. */
const load = async (
  connections: number,
  one: (index: number) => Promise<unknown>,
): Promise<Load> => {
  const times: number[] = []
  const began = performance.now()
  let index = 0
  const worker = async () => {
    while (performance.now() - began < FOR_MS) {
      const start = performance.now()
      await one(index++)
      times.push(performance.now() - start)
    }
  }
  await Promise.all(Array.from({ length: connections }, worker))
  return {
    requests: times.length,
    seconds: (performance.now() - began) / 1_000,
    p95: quantile(times, 0.95),
  }
}

type Intake = {
  readonly events: Load
  readonly points: Load
  readonly logs: Load
  readonly rss: readonly number[]
}

const measureIntake = async (environment: Readonly<Record<string, string>>): Promise<Intake> => {
  const clients = await openDoorClients(environment)
  try {
    const rss = [clients.rss()]
    const measured = async (connections: number, one: (index: number) => Promise<unknown>) => {
      const done = await load(connections, one)
      rss.push(clients.rss())
      return done
    }
    const events = await measured(EVENT_CONNECTIONS, clients.event)
    const points = await measured(2, clients.points)
    const logs = await measured(8, clients.logs)
    return { events, points, logs, rss }
  } finally {
    await clients.end()
  }
}

const intakeRows = (name: string, intake: Intake, than?: Intake): readonly BenchRow[] => {
  const { events, points, logs, rss } = intake
  const row = (
    what: string,
    { requests, seconds, p95 }: Load,
    each: number,
    least: number,
    other: Load | undefined,
    most = Infinity,
  ): BenchRow => {
    const rate = (requests * each) / seconds
    const beside =
      other === undefined ? undefined : rate / ((other.requests * each) / other.seconds)
    const target =
      beside === undefined
        ? `>= ${least} a second${Number.isFinite(most) ? `, p95 <= ${most} ms` : ''}`
        : '>= 0.7x of the embedded store'
    return {
      figure: `${what}, ${name}`,
      measured: `${rate.toFixed(0)} a second, p95 ${p95.toFixed(1)} ms${beside === undefined ? '' : `, ${beside.toFixed(2)}x`}`,
      target,
      ok: beside === undefined ? rate >= least && p95 <= most : beside >= 0.7,
      method: `The built server in its own process, the load in this one, ${FOR_MS / 1_000} s each on two shared cores: single events on ${EVENT_CONNECTIONS} kept connections, pushed lines of 6 fields in batches of ${BATCH_LINES} on 2, log lines in batches of ${LOGS_A_BATCH} on 8. Every answer comes after its data is on the disk.`,
    }
  }
  return [
    row('single events, durable', events, 1, 2_000, than?.events, 50),
    row('points pushed', points, BATCH_LINES, 20_000, than?.points),
    row('log lines', logs, LOGS_A_BATCH, 5_000, than?.logs),
    {
      figure: `memory under load, ${name}`,
      measured: `${rss.map((mb) => mb.toFixed(0)).join(', ')} MB RSS`,
      target: '<= 400 MB',
      ok: Math.max(...rss) <= 400,
      method: 'RSS of the server before, and after each of the three loads.',
    },
  ]
}

const MILLION = 1_000_000
const BATCH = 5_000

const seed = async (
  records: RecordStore,
  dataset: 'logs' | 'events',
  make: (index: number) => NewRecord,
): Promise<void> => {
  for (let from = 0; from < MILLION; from += BATCH)
    await records.append(
      dataset,
      Array.from({ length: BATCH }, (_, i) => make(from + i)),
    )
}

/** A million log lines of a week and a million events of a day, asked as the API asks. */
const measureReading = async (
  name: string,
  records: RecordStore,
  settle: () => Promise<void>,
): Promise<readonly BenchRow[]> => {
  const now = systemClock.now()
  const week = now - 7 * DAY
  console.log(`seeding a million log lines, ${name} ...`)
  await seed(records, 'logs', (index) => ({
    measurement: log.measurement,
    tags: { user: `u${index % 4}`, level: LEVELS[index % LEVELS.length] ?? 'info' },
    at: instant(week + (index * 7 * DAY) / MILLION),
    fields: { msg: messageOf(index), pid: index % 100, p_name: 'bench', p_description: '' },
  }))
  console.log(`seeding a million events, ${name} ...`)
  const day = windowStart(now - 2 * DAY, DAY)
  await seed(records, 'events', (index) => ({
    measurement: eventDuration.measurement,
    tags: { project: 'bench', metric: 'page' },
    at: instant(day + (index * DAY) / MILLION),
    fields: { duration_ms: (index * 7919) % 1009 },
  }))

  await settle()
  const timed = async (rounds: number, ask: (round: number) => Promise<number>) => {
    const times: number[] = []
    let found = 0
    for (let round = 0; round < rounds; round += 1) {
      const start = performance.now()
      found = await ask(round)
      times.push(performance.now() - start)
    }
    return { p95: quantile(times, 0.95), p50: quantile(times, 0.5), found }
  }
  const find = async (query: Record<string, string>) =>
    (await findLogs(records, parseLogQuestion(query))).logs.length
  const common = await timed(85, (round) =>
    find({ level: 'warning', text: `WORKER ${round % 17} ` }),
  )
  const rares = ['NEEDLE', 'needle', 'eedle', 'ms needle']
  const rare = await timed(40, (round) => find({ text: rares[round % rares.length] ?? '' }))
  const heapBefore = process.memoryUsage().rss
  const statistics = await timed(5, async () => {
    const range = { from: instant(day), to: instant(day + DAY) }
    const question = { project: 'bench', metric: 'page', range, groupBy: 'minutes' } as const
    return (await eventStatistics(records, question)).length
  })
  const grown = (process.memoryUsage().rss - heapBefore) / 2 ** 20
  const method =
    'A million log lines spread over 7 days (4 users, 6 series of levels) and a million events of one metric in a day, in one process with the store, the upkeep of the embedded store done (its text index too); asked as the API asks: 17 common texts in turn 85 times, 4 spellings of a rare one 40 times, the statistics 5 times.'
  const ms = (figures: { p95: number; p50: number }) =>
    `p95 ${figures.p95.toFixed(0)} (p50 ${figures.p50.toFixed(0)}) ms`
  return [
    {
      figure: `newest 200 by level and common text, ${name}`,
      measured: `${ms(common)}, ${common.found} found`,
      target: '<= 100 ms',
      ok: common.p95 <= 100 && common.found === 200,
      method,
    },
    {
      figure: `newest by rare text over 7 days, ${name}`,
      measured: `${ms(rare)}, ${rare.found} found`,
      target: '<= 600 ms',
      ok: rare.p95 <= 600 && rare.found === 10,
      method,
    },
    {
      figure: `statistics of a million events by minute, ${name}`,
      measured: `${ms(statistics)}, ${statistics.found} groups, ${grown.toFixed(0)} MiB more memory`,
      target: '<= 2000 ms',
      ok: statistics.p95 <= 2_000 && statistics.found === DAY / MINUTE,
      method,
    },
  ]
}

const readingEmbedded = async (): Promise<readonly BenchRow[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-records-'))
  const store = openEmbedded({ folder, clock: systemClock })
  const upkeep = setInterval(() => void store.maintain().catch(() => undefined), 1_000)
  try {
    return await measureReading('embedded', store.records, store.seal)
  } finally {
    clearInterval(upkeep)
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What the clients of the doors and the push do to a server, and what questions about it cost. */
export const benchDoors = async (): Promise<BenchRow[]> => {
  const embedded = await measureIntake({})
  const rows = [...intakeRows('embedded', embedded), ...(await readingEmbedded())]
  if (influxForTests() === null) return rows
  const lab = await openInfluxLab()
  try {
    const influx = await measureIntake({ INFLUX_URL: lab.server.url })
    rows.push(...intakeRows('InfluxDB', influx, embedded))
  } finally {
    await lab.end()
  }
  const reading = await openInfluxLab()
  try {
    const store = await reading.open()
    rows.push(...(await measureReading('InfluxDB', store.records, async () => {})))
    await store.close()
  } finally {
    await reading.end()
  }
  return rows
}
