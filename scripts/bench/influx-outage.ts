import { setTimeout as sleep } from 'node:timers/promises'
import { InfluxDB, Point as ClientPoint } from '@influxdata/influxdb-client'
import { systemClock } from '../../src/points/clock.ts'
import { instant, SECOND } from '../../src/points/instant.ts'
import type { Point } from '../../src/points/point.ts'
import { every } from '../../src/serve/every.ts'
import type { BenchRow } from './bench.ts'
import { openInfluxLab, ORG, TOKEN, type InfluxLab } from './influx-lab.ts'
import { SMALL, syntheticHost } from './synthetic-host.ts'

/** Ten minutes of samples every 5 s and 200 pushed points a second, ten times as fast: as much is waiting in the end. */
const FASTER = 10
const BEFORE_MS = 10 * SECOND
const OUTAGE_MS = 60 * SECOND
const AFTER_MS = 60 * SECOND
const SAMPLE_EVERY_MS = (5 * SECOND) / FASTER
const PUSH_EVERY_MS = 100
const PUSHED_AT_ONCE = (200 * FASTER * PUSH_EVERY_MS) / SECOND
const MOST_DRAIN_SECONDS = 30
const STOCK_BUCKET = 'stock'

/** The same outage for the store and for the write API of the client as it comes: what is lost, and how long the rest takes. */
export const benchInfluxOutage = async (): Promise<BenchRow[]> => {
  const lab = await openInfluxLab()
  try {
    const store = await lab.open()
    const orgID = await lab.admin.orgId(ORG)
    await lab.admin.call('POST', '/api/v2/buckets', {
      orgID,
      name: STOCK_BUCKET,
      retentionRules: [],
    })
    const stock = openStock(lab)
    const upkeep = every(SECOND, store.maintain, () => undefined)
    const load = startLoad(async (dataset, points) => {
      stock.write(points)
      await store.write(dataset, points)
    })
    await sleep(BEFORE_MS)
    await lab.server.kill9()
    await sleep(OUTAGE_MS)
    const waiting = store.figures().spool
    const backAt = performance.now()
    await lab.server.start()
    const answersAfter = performance.now() - backAt
    while ((store.figures().spool?.ageSeconds ?? 0) > 1) await sleep(20)
    const drainedAfter = performance.now() - backAt
    await sleep(AFTER_MS)
    const accepted = await load.stop()
    while ((store.figures().spool?.lines ?? 0) > 0) await sleep(20)
    await upkeep.stop()
    await stock.close()
    const [ours, theirs] = [await countIn(lab, OURS), await countIn(lab, STOCK)]
    await store.close()
    const lost = (found: number) => accepted - found
    const share = (found: number) => `${((lost(found) / accepted) * 100).toFixed(1)} %`
    const method = `influxd is killed with SIGKILL for ${OUTAGE_MS / SECOND} s and started again, while a host is sampled every ${SAMPLE_EVERY_MS} ms (23 rows) and ${200 * FASTER} points a second are pushed: the backlog of ten minutes at 5 s and 200 points a second. Beside it the write API of @influxdata/influxdb-client with its defaults gets the same points, into a bucket of its own, and is closed at the end. Counted in InfluxDB. The ten minutes themselves are src/store/influx/outage.trust.ts.`
    return [
      {
        figure: 'influx: lost in an outage',
        measured: `${lost(ours)} of ${accepted} points (${waiting?.lines} lines waited); the client's own write API lost ${lost(theirs)} (${share(theirs)})`,
        target: '0',
        ok: lost(ours) === 0,
        method,
      },
      {
        figure: 'influx: backlog drained',
        measured: `${(drainedAfter / SECOND).toFixed(1)} s after the start of influxd, which answers after ${(answersAfter / SECOND).toFixed(1)} s`,
        target: `<= ${MOST_DRAIN_SECONDS} s`,
        ok: drainedAfter <= MOST_DRAIN_SECONDS * SECOND,
        method,
      },
    ]
  } finally {
    await lab.end()
  }
}

type Write = (dataset: 'metrics' | 'pushed', points: readonly Point[]) => Promise<void>

/** Writes until it is stopped; resolves then with how many points there were. */
const startLoad = (write: Write) => {
  const sample = syntheticHost(SMALL, 'bench')
  let accepted = 0
  let pushed = 0
  const take = async (...[dataset, points]: Parameters<Write>) => {
    await write(dataset, points)
    accepted += points.length
  }
  const fail = (error: unknown) => console.error(error)
  const sampler = every(SAMPLE_EVERY_MS, () => take('metrics', sample(systemClock.now())), fail)
  const pusher = every(
    PUSH_EVERY_MS,
    () =>
      take(
        'pushed',
        Array.from({ length: PUSHED_AT_ONCE }, (_, i): Point => ({
          measurement: 'door',
          tags: { n: String(i) },
          fields: { open: pushed++ },
          at: instant(systemClock.now()),
        })),
      ),
    fail,
  )
  return {
    stop: async () => {
      await sampler.stop()
      await pusher.stop()
      return accepted
    },
  }
}

/** The client's write API as it comes: no option given. */
const openStock = (lab: InfluxLab) => {
  const api = new InfluxDB({ url: lab.server.url, token: TOKEN }).getWriteApi(
    ORG,
    STOCK_BUCKET,
    'ms',
  )
  return {
    write: (points: readonly Point[]) =>
      api.writePoints(
        points.map((point) => {
          const made = new ClientPoint(point.measurement).timestamp(point.at)
          for (const [name, value] of Object.entries(point.tags)) made.tag(name, value)
          for (const [name, value] of Object.entries(point.fields)) made.floatField(name, value)
          return made
        }),
      ),
    close: () => api.close().catch((error: unknown) => console.error(String(error))),
  }
}

const OURS = ['perfwatch', 'perfwatch_pushed']
const STOCK = [STOCK_BUCKET]

/** Rows: of each series as many as its fullest field has. */
const countIn = async ({ admin }: InfluxLab, buckets: readonly string[]): Promise<number> => {
  let found = 0
  for (const bucket of buckets) {
    const rows = await admin.query(
      ORG,
      `from(bucket: "${bucket}") |> range(start: -1h, stop: 1h) |> count() |> group(columns: ["_field", "_value"], mode: "except") |> max() |> group() |> sum()`,
    )
    found += Number(rows[0]?.['_value'] ?? 0)
  }
  return found
}
