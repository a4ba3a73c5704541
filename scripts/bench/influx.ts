import { fork, type ChildProcess } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../src/points/clock.ts'
import { DAY, HOUR, instant, MINUTE, SECOND, toIso, windowStart } from '../../src/points/instant.ts'
import { every } from '../../src/serve/every.ts'
import { questionScript } from '../../src/store/influx/read.ts'
import type { RangeQuery } from '../../src/store/range-query.ts'
import type { SeriesStore } from '../../src/store/store.ts'
import { AS_BUILT, quantile, type BenchRow } from './bench.ts'
import { serveStore } from './bench-server.ts'
import type { Asked, Order, Timings } from './influx-client.ts'
import { openInfluxLab, ORG, PREFIX, TOKEN, type InfluxLab } from './influx-lab.ts'
import { seedHost } from './influx-seed.ts'
import { anonymousMb, residentMb } from './process-figures.ts'
import { SMALL, syntheticHost } from './synthetic-host.ts'

const OWN = 'bench'
const LARGER = 'bench-8'
const HOSTS = [
  { host: OWN, shape: { ...SMALL, cores: 2 } },
  { host: LARGER, shape: SMALL },
]
const DEPTH = { raw: DAY, '1m': 15 * DAY, '5m': 15 * DAY, '1h': 30 * DAY }
const RUNS = 4
const ROUNDS = 200
const SAMPLE_MS = 5 * SECOND
/** Until V8 has compiled what answers, as a server has that runs for weeks: once, and what each question adds to it. */
const FIRST_WARM_UP_MS = 20_000
const WARM_UP_MS = 4_000
const WARM_AGAIN_MS = 500

/** InfluxDB under the questions of people: how fast, how large, how much memory. */
export const benchInflux = async (): Promise<BenchRow[]> => {
  // for the sizes shards must be cold, which takes hours with what is shipped
  const lab = await openInfluxLab(COLD_SOON)
  try {
    const now = windowStart(systemClock.now(), SAMPLE_MS)
    const store = await lab.open()
    await store.close()
    let values = 0
    for (const { host, shape } of HOSTS) {
      console.log(`seeding ${host} ...`)
      values += await seedHost(lab, { host, shape, now, depth: DEPTH })
    }
    const size = await measureSize(lab, values)
    await lab.server.stop()
    await lab.server.start()
    return [size, ...(await measureQuestions(lab))]
  } finally {
    await lab.end()
  }
}

const COLD_SOON = [
  '--storage-cache-snapshot-write-cold-duration=5s',
  '--storage-compact-full-write-cold-duration=10s',
]
const COMPACTED_WITHIN_MS = 4 * MINUTE
const MOST_BYTES_A_VALUE = 4.2

const tsmFiles = (lab: InfluxLab): readonly { readonly shard: string; readonly bytes: number }[] =>
  readdirSync(join(lab.server.folder, 'engine', 'data'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.tsm'))
    .map(({ parentPath, name }) => ({
      shard: parentPath,
      bytes: statSync(join(parentPath, name)).size,
    }))

const measureSize = async (lab: InfluxLab, values: number): Promise<BenchRow> => {
  console.log('waiting for InfluxDB to compact ...')
  const before = performance.now()
  let files = tsmFiles(lab)
  let shards = 0
  let calm = 0
  // one file a shard, and nothing that still comes from the logs
  while (calm < 15 && performance.now() - before < COMPACTED_WITHIN_MS) {
    await sleep(SECOND)
    const next = tsmFiles(lab)
    shards = new Set(next.map(({ shard }) => shard)).size
    const isSame = JSON.stringify(next) === JSON.stringify(files)
    calm = isSame && shards === next.length ? calm + 1 : 0
    files = next
  }
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  return {
    figure: 'influx: bytes a value, compacted',
    measured: `${(bytes / values).toFixed(2)} B (${(bytes / 1e6).toFixed(0)} MB, ${(values / 1e6).toFixed(1)} M values, ${files.length} files in ${shards} shards)`,
    target: `<= ${MOST_BYTES_A_VALUE} B`,
    ok: bytes / values <= MOST_BYTES_A_VALUE,
    method: `All .tsm files after full compaction (shards cold after 10 s instead of 4 h) of two made-up hosts with 2 and 8 cores: a day of raw, 15 days of 1m and 5m, 30 days of 1h, values with their companions.`,
  }
}

type Question = {
  readonly name: string
  readonly paths: readonly string[]
}

const DASHBOARD = [
  'cpu',
  'memory',
  'disk',
  'network',
  'perf_events',
  'memory_bandwidth',
  'pressure',
  'host',
]

const questionsAt = (now: number): readonly Question[] => {
  const range = (metric: string, host: string, lengthMs: number, interval: string) =>
    `/api/history/metrics?metric_type=${metric}&host=${host}&start_time=${toIso(instant(now - lengthMs))}&end_time=${toIso(instant(now))}&interval=${interval}`
  return [
    { name: 'cpu 4 h at 1m', paths: [range('cpu', OWN, 4 * HOUR, '1m')] },
    { name: 'cpu 24 h at 5m', paths: [range('cpu', OWN, DAY, '5m')] },
    { name: 'cpu 30 d at 1h', paths: [range('cpu', OWN, 30 * DAY, '1h')] },
    { name: 'cpu 30 d at 1h, 8 cores', paths: [range('cpu', LARGER, 30 * DAY, '1h')] },
    {
      name: 'cpu week against week',
      paths: ['/api/history/compare?metric_type=cpu&period=week&compare_to=last_week'],
    },
    {
      name: 'eight charts at once',
      paths: DASHBOARD.map((metric) => range(metric, OWN, DAY, '5m')),
    },
  ]
}

const measureQuestions = async (lab: InfluxLab): Promise<BenchRow[]> => {
  const recorded: RangeQuery[] = []
  const bench = await serveStore(
    async (folder): Promise<SeriesStore> => {
      const store = await lab.open(folder)
      const read = (query: RangeQuery) => {
        recorded.push(query)
        return store.read(query)
      }
      return { ...store, read }
    },
    systemClock,
    OWN,
  )
  const { store } = bench
  await store.rollUp()
  const memory = watchMemory(lab)
  // the server at work: two hosts are sampled, tasks run, upkeep does what is due
  const samplers = HOSTS.map(({ host, shape }) => syntheticHost(shape, host))
  const sampling = every(
    SAMPLE_MS,
    async () => {
      const at = windowStart(systemClock.now(), SAMPLE_MS)
      for (const sample of samplers) await store.write('metrics', sample(at))
    },
    (error) => console.error(error),
  )
  const upkeep = every(SECOND, store.maintain, (error) => console.error(error))
  const client = fork(fileURLToPath(new URL('influx-client.ts', import.meta.url)), [], {
    execArgv: AS_BUILT,
  })
  const rows: BenchRow[] = []
  const questions = questionsAt(windowStart(systemClock.now(), SAMPLE_MS))
  try {
    for (const [place, question] of questions.entries()) {
      const api = question.paths.map((path): Asked => ({
        url: `http://127.0.0.1:${bench.port}${path}`,
        token: bench.token,
      }))
      const perRequest: RangeQuery[][] = []
      for (const one of api) {
        recorded.length = 0
        await askOnce(one)
        perRequest.push([...recorded])
      }
      const bare = perRequest.map((queries) => bareOf(lab, queries))
      const runs: Timings[] = []
      for (let run = 0; run < RUNS; run++) {
        const first = place === 0 ? FIRST_WARM_UP_MS : WARM_UP_MS
        const warmUpMs = run === 0 ? first : WARM_AGAIN_MS
        runs.push(await timeAt(client, { api, bare, warmUpMs, rounds: ROUNDS }))
      }
      rows.push(rowOf(question, runs, bare.length))
    }
    rows.push(memory.row())
  } finally {
    memory.stop()
    client.kill()
    await sampling.stop()
    await upkeep.stop()
    await bench.close()
  }
  return rows
}

/** The same script, as it is sent by the store. */
const bareOf = (lab: InfluxLab, queries: readonly RangeQuery[]): Asked => ({
  url: `${lab.server.url}/api/v2/query?org=${ORG}`,
  token: TOKEN,
  body: JSON.stringify({
    query: queries
      .map((query, place) => questionScript(PREFIX, query, `${place}/`)?.script ?? '')
      .join('\n\n'),
    type: 'flux',
    dialect: { header: true, delimiter: ',', annotations: ['datatype', 'default'] },
  }),
})

const askOnce = async ({ url, token }: Asked): Promise<void> => {
  const answer = await fetch(url, { headers: { Authorization: `Bearer ${token}` } })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
  await answer.arrayBuffer()
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

const MOST_RATIO = 1.5
const MOST_DASHBOARD_MS = 100
const METHOD = `p95 (p50 in brackets) of both sides in the quietest of ${RUNS} runs of ${ROUNDS} rounds, after ${WARM_UP_MS / 1000} s of the same (${FIRST_WARM_UP_MS / 1000} s at the first), in turn within a run; both asked over kept connections by another process that reads the answers whole and parses nothing. The bare side sends influxd the same Flux, one script a question, as the store words it. Two hosts are sampled meanwhile, and tasks run; influxd, PerfWatch and the client share the machine.`

const NOTHING: Timings = { api: [], bare: [], bytes: { api: 0, bare: 0 } }

const rowOf = ({ name, paths }: Question, runs: readonly Timings[], scripts: number): BenchRow => {
  const p95Of = (run: Timings) => quantile(run.api, 0.95) + quantile(run.bare, 0.95)
  const [quietest] = runs.toSorted((a, b) => p95Of(a) - p95Of(b))
  const { api, bare, bytes } = quietest ?? NOTHING
  const [p95, bare95] = [quantile(api, 0.95), quantile(bare, 0.95)]
  const many = paths.length > 1
  return {
    figure: `influx: ${name}`,
    measured: `${p95.toFixed(1)} (${quantile(api, 0.5).toFixed(1)}) ms, ${(p95 / bare95).toFixed(2)}x of ${scripts} bare ${scripts === 1 ? 'script' : 'scripts'}, ${bare95.toFixed(1)} (${quantile(bare, 0.5).toFixed(1)}) ms; ${Math.round(bytes.api / 1024)} KiB of ${Math.round(bytes.bare / 1024)} KiB`,
    target: many ? `<= ${MOST_DASHBOARD_MS} ms` : `<= ${MOST_RATIO}x`,
    ok: many ? p95 <= MOST_DASHBOARD_MS : p95 / bare95 <= MOST_RATIO,
    method: METHOD,
  }
}

const MOST_MB = 500

const watchMemory = (lab: InfluxLab) => {
  let most = { resident: 0, anonymous: 0 }
  const look = () => {
    const pid = lab.server.pid()
    const resident = residentMb(pid)
    if (resident > most.resident) most = { resident, anonymous: anonymousMb(pid) }
  }
  const timer = setInterval(look, 200)
  return {
    stop: () => clearInterval(timer),
    row: (): BenchRow => ({
      figure: 'influx: memory of influxd under load',
      measured: `${most.resident.toFixed(0)} MB RSS at most (${most.anonymous.toFixed(0)} MB without mapped files)`,
      target: `<= ${MOST_MB} MB RSS`,
      ok: most.resident <= MOST_MB,
      method: `VmRSS five times a second while all of these questions are asked, with the flags and GOMEMLIMIT that we ship.`,
    }),
  }
}
