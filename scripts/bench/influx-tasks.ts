import { setTimeout as sleep } from 'node:timers/promises'
import { ROLLUP_TIERS, TIER_MS, type RollupTier } from '../../src/catalog/tiers.ts'
import { systemClock } from '../../src/points/clock.ts'
import { HOUR, MINUTE, SECOND, windowCeil, windowStart } from '../../src/points/instant.ts'
import { rollupScript } from '../../src/store/influx/rollup-script.ts'
import type { BenchRow } from './bench.ts'
import { openInfluxLab, ORG, PREFIX, type InfluxLab } from './influx-lab.ts'
import { seedHost } from './influx-seed.ts'
import { cpuSeconds, residentMb } from './process-figures.ts'
import { SMALL } from './synthetic-host.ts'

/** What the tasks look back over, and a little more. */
const DEPTH = { raw: 3 * HOUR + 10 * MINUTE, '1m': 0, '5m': 0, '1h': 0 }
const STEPS = [
  { hosts: 1, runs: 12 },
  { hosts: 10, runs: 6 },
  { hosts: 50, runs: 3 },
]
const IDLE_MS = 20 * SECOND
const MOST_SHARE = 0.005

/** What the tasks cost influxd: each is run by force, as many times as it takes to tell. */
export const benchInfluxTasks = async (): Promise<BenchRow[]> => {
  const lab = await openInfluxLab()
  try {
    const store = await lab.open()
    await store.close()
    const tasks = await takeOverTasks(lab)
    const shares: { hosts: number; share: number; text: string }[] = []
    let seeded = 0
    for (const { hosts, runs } of STEPS) {
      console.log(`seeding ${hosts} hosts ...`)
      const now = windowStart(systemClock.now(), MINUTE)
      // what was seeded minutes ago is still within all look-backs but that of 1m
      for (; seeded < hosts; seeded++)
        await seedHost(lab, { host: `bench-${seeded}`, shape: SMALL, now, depth: DEPTH })
      shares.push({ hosts, ...(await measure(lab, tasks, runs)) })
    }
    const slope =
      ((shares.at(-1)?.share ?? NaN) - (shares[0]?.share ?? NaN)) /
      ((STEPS.at(-1)?.hosts ?? NaN) - (STEPS[0]?.hosts ?? NaN))
    const method = `Each task is run by force (${STEPS.map(({ hosts, runs }) => `${runs} times with ${hosts} ${hosts === 1 ? 'host' : 'hosts'}`).join(', ')}) over 3 hours of raw rows, every 5 s, 23 rows a sample; user and system time of influxd of a run, less what it needs when idle, by how often it is due: every minute, 5 minutes and hour.`
    return shares.map(({ hosts, share, text }, i) => ({
      figure: `influx: tasks of ${hosts} ${hosts === 1 ? 'host' : 'hosts'}`,
      measured: `${percent(share)} of a core (${text})${i === shares.length - 1 ? `; a host more costs ${percent(slope)}` : ''}`,
      target: `<= ${percent(MOST_SHARE)} a host`,
      ok: share / hosts <= MOST_SHARE,
      method,
    }))
  } finally {
    await lab.end()
  }
}

const percent = (share: number) => `${(share * 100).toFixed(2)} %`

type Tasks = Readonly<Record<RollupTier, string>>

/** Our scripts in tasks that are never due, so that none runs between those that are run by force. */
const takeOverTasks = async ({ admin }: InfluxLab): Promise<Tasks> => {
  const orgID = await admin.orgId(ORG)
  const { tasks } = await admin.call<{ tasks: { id: string }[] }>('GET', `/api/v2/tasks?org=${ORG}`)
  for (const { id } of tasks) await admin.call('DELETE', `/api/v2/tasks/${id}`)
  const made = { '1m': '', '5m': '', '1h': '' }
  for (const tier of ROLLUP_TIERS) {
    const flux = rollupScript(PREFIX, tier).replace(`every: ${tier}, offset`, 'every: 365d, offset')
    const { id } = await admin.call<{ id: string }>('POST', '/api/v2/tasks', {
      orgID,
      flux,
      status: 'active',
    })
    made[tier] = id
  }
  return made
}

const measure = async (lab: InfluxLab, tasks: Tasks, runs: number) => {
  const pid = lab.server.pid()
  // what was just written is still being worked on
  await sleep(IDLE_MS)
  const idle = await cpuOf(pid, () => sleep(IDLE_MS))
  const idleShare = idle / (IDLE_MS / SECOND)
  let share = 0
  let memory = 0
  const texts: string[] = []
  for (const tier of ROLLUP_TIERS) {
    await run(lab, tasks[tier])
    const began = performance.now()
    const cpu = await cpuOf(pid, async () => {
      for (let i = 0; i < runs; i++) await run(lab, tasks[tier])
    })
    const aRun = (cpu - (idleShare * (performance.now() - began)) / SECOND) / runs
    share += aRun / (TIER_MS[tier] / SECOND)
    memory = Math.max(memory, residentMb(pid))
    texts.push(`${tier} ${Math.round(aRun * 1_000)} ms a run`)
  }
  return { share, text: `${texts.join(', ')}; ${memory.toFixed(0)} MB RSS` }
}

const cpuOf = async (pid: number, work: () => Promise<unknown>): Promise<number> => {
  const before = cpuSeconds(pid)
  await work()
  return cpuSeconds(pid) - before
}

const LOOK_EVERY_MS = 100
/** What a run has still to note down when it is told to be complete. */
const AFTERWARDS_MS = 1_100

/** The run itself is not asked about: its state lies in a bucket, and reading it costs more than many a run. */
const run = async ({ admin }: InfluxLab, task: string): Promise<void> => {
  // whole seconds, as a task tells them: a second and more lies between two runs
  const at = windowCeil(systemClock.now() + 1, SECOND)
  const scheduledFor = new Date(at).toISOString()
  await admin.call('POST', `/api/v2/tasks/${task}/runs`, { scheduledFor })
  for (;;) {
    await sleep(LOOK_EVERY_MS)
    const { latestCompleted, lastRunStatus, lastRunError } = await admin.call<{
      latestCompleted: string
      lastRunStatus?: string
      lastRunError?: string
    }>('GET', `/api/v2/tasks/${task}`)
    if (Date.parse(latestCompleted) < at) continue
    if (lastRunStatus !== 'success') throw new Error(`A task ${lastRunStatus}: ${lastRunError}`)
    return sleep(AFTERWARDS_MS)
  }
}
