import { setTimeout as pause } from 'node:timers/promises'
import { influxForTests } from '../../src/testing/influxd.ts'
import type { BenchRow } from './bench.ts'
import { BATCH_LINES, LOGS_A_BATCH, openDoorClients } from './door-clients.ts'
import { openInfluxLab } from './influx-lab.ts'

/** What the clients send together, a second. */
const EVENTS = 2_000
const POINTS = 20_000
const LINES = 5_000

const FOR_MS = Number(process.env.BENCH_SECONDS ?? 600) * 1_000
const STEP_MS = 50
const LOOK_EVERY_MS = 5_000

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

/** Sends at a rate, as far as the answers keep up: no more than so many at once. */
const atRate = async (
  perSecond: number,
  mostAtOnce: number,
  one: (index: number) => Promise<unknown>,
): Promise<number> => {
  const began = performance.now()
  const underWay = new Set<Promise<unknown>>()
  let sent = 0
  for (let passed = 0; passed < FOR_MS; passed = performance.now() - began) {
    while (sent < (passed / 1_000) * perSecond && underWay.size < mostAtOnce) {
      const answered: Promise<unknown> = one(sent++).finally(() => underWay.delete(answered))
      underWay.add(answered)
    }
    await pause(STEP_MS)
  }
  await Promise.all(underWay)
  return sent
}

const soak = async (
  name: string,
  environment: Readonly<Record<string, string>>,
): Promise<BenchRow> => {
  const clients = await openDoorClients(environment)
  const rss: number[] = []
  const look = setInterval(() => rss.push(clients.rss()), LOOK_EVERY_MS)
  try {
    const [events, batches, posts] = await Promise.all([
      atRate(EVENTS, 64, clients.event),
      atRate(POINTS / BATCH_LINES, 2, clients.points),
      atRate(LINES / LOGS_A_BATCH, 8, clients.logs),
    ])
    const third = Math.floor(rss.length / 3)
    const parts = [rss.slice(0, third), rss.slice(third, 2 * third), rss.slice(2 * third)]
    const [first = 0, middle = 0, last = 0] = parts.map(median)
    const rate = (count: number) => Math.round((count * 1_000) / FOR_MS).toLocaleString('en')
    return {
      figure: `memory over ${Math.round(FOR_MS / 60_000)} minutes of load, ${name}`,
      measured: `${first.toFixed(0)}, ${middle.toFixed(0)}, ${last.toFixed(0)} MB RSS by thirds, ${Math.max(...rss).toFixed(0)} at most`,
      target: 'the last third <= 1.1x of the one before',
      ok: last <= 1.1 * middle,
      method: `The built server in its own process and its clients in this one: ${rate(events)} single events, ${rate(batches * BATCH_LINES)} pushed points and ${rate(posts * LOGS_A_BATCH)} log lines a second, all at once and all answered well; medians of the RSS, looked at every ${LOOK_EVERY_MS / 1_000} s.`,
    }
  } finally {
    clearInterval(look)
    await clients.end()
  }
}

/** Whether a server grows while its clients send all the time. */
export const benchDoorsSoak = async (): Promise<BenchRow[]> => {
  const rows = [await soak('embedded', {})]
  if (influxForTests() === null) return rows
  const lab = await openInfluxLab()
  try {
    rows.push(await soak('InfluxDB', { INFLUX_URL: lab.server.url }))
  } finally {
    await lab.end()
  }
  return rows
}
