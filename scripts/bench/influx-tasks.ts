import { setTimeout as sleep } from 'node:timers/promises'
import { ROLLUP_TIERS, TIER_MS } from '../../src/catalog/tiers.ts'
import { systemClock } from '../../src/points/clock.ts'
import { HOUR, MINUTE, SECOND, windowStart } from '../../src/points/instant.ts'
import { every } from '../../src/serve/every.ts'
import { rollupScript } from '../../src/store/influx/rollup-script.ts'
import type { SeriesStore } from '../../src/store/store.ts'
import type { BenchRow } from './bench.ts'
import { openInfluxLab, ORG, PREFIX, type InfluxLab } from './influx-lab.ts'
import { seedHost } from './influx-seed.ts'
import { cpuSeconds, residentMb } from './process-figures.ts'
import { SMALL, syntheticHost } from './synthetic-host.ts'

/** What the tasks look back over, and a little more. */
const DEPTH = { raw: 3 * HOUR + 10 * MINUTE, '1m': 0, '5m': 0, '1h': 0 }
const STEPS = [
  { hosts: 1, runs: 12 },
  { hosts: 10, runs: 6 },
  { hosts: 50, runs: 3 },
]
const SAMPLE_MS = 5 * SECOND
const WITHOUT_MS = 90 * SECOND
const WITH_MS = 5 * MINUTE
const MOST_SHARE = 0.005

/** What the tasks cost influxd: in real minutes for one host, and run by run for more. */
export const benchInfluxTasks = async (): Promise<BenchRow[]> => {
  const lab = await openInfluxLab()
  try {
    const store = await lab.open()
    const share = await shareInRealMinutes(lab, store)
    await store.close()
    await switchTasks(lab, 'inactive')
    const steps: { hosts: number; share: number; text: string }[] = []
    let seeded = 1
    for (const { hosts, runs } of STEPS) {
      console.log(`seeding ${hosts} hosts ...`)
      for (; seeded < hosts; seeded++) await seed(lab, `bench-${seeded}`)
      steps.push({ hosts, ...(await shareByRuns(lab, runs)) })
    }
    return [realRow(share), ...runRows(steps)]
  } finally {
    await lab.end()
  }
}

const percent = (share: number) => `${(share * 100).toFixed(2)} %`

const seed = (lab: InfluxLab, host: string) =>
  seedHost(lab, { host, shape: SMALL, now: windowStart(systemClock.now(), MINUTE), depth: DEPTH })

const cpuOf = async (pid: number, work: () => Promise<unknown>): Promise<number> => {
  const before = cpuSeconds(pid)
  await work()
  return cpuSeconds(pid) - before
}

const switchTasks = async ({ admin }: InfluxLab, status: 'active' | 'inactive') => {
  const { tasks } = await admin.call<{ tasks: { id: string }[] }>('GET', `/api/v2/tasks?org=${ORG}`)
  for (const { id } of tasks) await admin.call('PATCH', `/api/v2/tasks/${id}`, { status })
}

/** Of a core of influxd: with the tasks less without them, while a host is sampled. */
const shareInRealMinutes = async (lab: InfluxLab, store: SeriesStore): Promise<number> => {
  await seed(lab, 'bench-0')
  const sample = syntheticHost(SMALL, 'bench-0')
  const sampling = every(
    SAMPLE_MS,
    () => store.write('metrics', sample(windowStart(systemClock.now(), SAMPLE_MS))),
    (error) => console.error(error),
  )
  const shareOver = async (ms: number) =>
    (await cpuOf(lab.server.pid(), () => sleep(ms))) / (ms / SECOND)
  await switchTasks(lab, 'inactive')
  const without = await shareOver(WITHOUT_MS)
  await switchTasks(lab, 'active')
  const withThem = await shareOver(WITH_MS)
  await sampling.stop()
  return withThem - without
}

const realRow = (share: number): BenchRow => ({
  figure: 'influx: tasks of 1 host, real minutes',
  measured: `${percent(share)} of a core`,
  target: `<= ${percent(MOST_SHARE)}`,
  ok: share <= MOST_SHARE,
  method: `User and system time of influxd over ${WITH_MS / MINUTE} minutes in which our tasks run when they are due, less ${WITHOUT_MS / SECOND} s in which they are switched off; a host of 23 rows is sampled every 5 s all the while, over 3 hours of its past.`,
})

/** Of a core, by how often each script is due. */
const shareByRuns = async (lab: InfluxLab, runs: number) => {
  const pid = lab.server.pid()
  let share = 0
  let memory = 0
  const texts: string[] = []
  for (const tier of ROLLUP_TIERS) {
    const run = () => lab.admin.query(ORG, rollupScript(PREFIX, tier))
    await run()
    const cpu = await cpuOf(pid, async () => {
      for (let i = 0; i < runs; i++) await run()
    })
    share += cpu / runs / (TIER_MS[tier] / SECOND)
    memory = Math.max(memory, residentMb(pid))
    texts.push(`${tier} ${Math.round((cpu / runs) * 1_000)} ms`)
  }
  return { share, text: `${texts.join(', ')} a run; ${memory.toFixed(0)} MB RSS` }
}

const runRows = (steps: readonly { hosts: number; share: number; text: string }[]): BenchRow[] => {
  const [first, last] = [steps[0], steps.at(-1)]
  const slope =
    ((last?.share ?? NaN) - (first?.share ?? NaN)) / ((last?.hosts ?? NaN) - (first?.hosts ?? NaN))
  const method = `The script of each task is run as a query, which costs a little more than the task as it answers with what it has written: ${STEPS.map(({ hosts, runs }) => `${runs} times with ${hosts}`).join(', ')}, over 3 hours of raw rows, every 5 s, 23 rows a sample. User and system time of influxd of a run, by how often it is due: every minute, 5 minutes and hour.`
  return steps.map((step) => ({
    figure: `influx: tasks of ${step.hosts} ${step.hosts === 1 ? 'host' : 'hosts'}`,
    measured: `${percent(step.share)} of a core (${step.text})${step === last ? `; a host more costs ${percent(slope)}` : ''}`,
    target: `<= ${percent(MOST_SHARE)} a host`,
    ok: step.share / step.hosts <= MOST_SHARE,
    method,
  }))
}
