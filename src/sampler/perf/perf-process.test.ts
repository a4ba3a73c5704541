import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { pathToFileURL } from 'node:url'
import { describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../points/clock.ts'
import { openHostFiles } from '../host-files.ts'
import { systemTimers } from '../timers.ts'
import { perfCollector } from './perf-collector.ts'
import { readPerfHost } from './perf-host.ts'
import { launchPerf } from './perf-process.ts'

const PATIENT = { timeout: 15_000, interval: 50 }

/** A Node program in the place of perf. */
const launchNode = (program: string, graceMs = 5_000) => {
  let log = ''
  const started = launchPerf({ command: process.execPath, graceMs })(['-e', program], (text) => {
    log += text
  })
  return { ...started, log: () => log }
}

describe('a process of perf', () => {
  it('gets a clean environment, and its log, output and complaints are told apart', async () => {
    const { ended, log } = launchNode(`
      require('node:fs').writeSync(3, JSON.stringify([process.env, process.cwd()]))
      process.stdout.write(' out')
      process.stderr.write('e'.repeat(5_000))
      process.exitCode = 7`)
    expect(await ended).toEqual({ code: 7, signal: null, errors: 'e'.repeat(4_096) })
    expect(log()).toContain(
      JSON.stringify([
        { LC_ALL: 'C', PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
        '/',
      ]),
    )
    expect(log()).toContain(' out')
  })

  it('is told by the end of its input that it is no longer wanted', async () => {
    const { log, stop } = launchNode(
      `process.on('SIGINT', () => {}); process.stdin.resume().on('end', () => process.exit(3)); process.stdout.write('up')`,
    )
    await vi.waitFor(() => expect(log()).toBe('up'), PATIENT)
    expect(await stop()).toEqual({ code: 3, signal: null, errors: '' })
    expect(await stop()).toEqual({ code: 3, signal: null, errors: '' })
  })

  it('is ended by force where it does not listen', async () => {
    const { log, stop } = launchNode(
      `process.on('SIGINT', () => {}); setInterval(() => {}, 1_000); process.stdout.write('up')`,
      100,
    )
    await vi.waitFor(() => expect(log()).toBe('up'), PATIENT)
    expect(await stop()).toEqual({ code: null, signal: 'SIGKILL', errors: '' })
  })

  it('that is not there is missing; one that cannot be run says why', async () => {
    const missing = launchPerf({ command: 'no-such-program' })([], () => undefined)
    expect(await missing.ended).toMatchObject({ code: null, missing: true })
    const folder = launchPerf({ command: '/' })([], () => undefined)
    const end = await folder.ended
    expect(end.missing).toBeUndefined()
    expect(end.errors).toMatch(/EACCES|EPERM/)
    expect(await folder.stop()).toEqual(end)
  })
})

const tried = spawnSync('perf', ['stat', '-a', '-x,', '-e', 'cpu-clock', '--', 'true'])
const works = tried.status === 0
if (!works)
  console.info(
    `The tests with the real perf are left out: ${tried.error?.message ?? String(tried.stderr).slice(0, 200)}`,
  )

/** A file of a process; empty where the process has gone. */
const procFile = (pid: number, name: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return ''
  }
}
/** State, parent and so on: what follows the name in /proc/<pid>/stat. */
const statOf = (pid: number) =>
  procFile(pid, 'stat')
    .replace(/^.*\) /s, '')
    .split(' ')
/** Those that have ended and wait to be noticed are not. */
const alive = (pid: number) => !['', 'Z', 'X'].includes(statOf(pid)[0] ?? '')

/** Below `pid`: perf, and the cat that it runs. */
const perfsBelow = (pid: number): number[] =>
  descendants(pid).filter((one) => /^(perf|cat)\0/.test(procFile(one, 'cmdline')))

const descendants = (pid: number): number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter((one) => Number.isInteger(one) && alive(one) && Number(statOf(one)[1]) === pid)
    .flatMap((child) => [child, ...descendants(child)])

const realDeps = () => ({
  launch: launchPerf(),
  clock: systemClock,
  timers: systemTimers,
  readHost: () =>
    readPerfHost(openHostFiles({ proc: '/proc', sys: '/sys', root: '/' }), process.platform),
})

describe.skipIf(!works)('the real perf', () => {
  it('counts this machine, comes back when it is killed, and leaves nothing behind', async () => {
    const collector = perfCollector(realDeps(), { enabled: true, cpuCores: 'all', intervalMs: 100 })
    const counted = () => {
      const reading = collector.collect({
        at: systemClock.now(),
        monotonicMs: systemClock.monotonic(),
      })
      if (reading.kind !== 'ok') throw new Error(reading.reason)
      return reading.rows[0]?.fields ?? {}
    }
    const first = await vi.waitFor(counted, PATIENT)
    // the clock of every core runs all the time
    expect(first['cpu_clock']).toBeGreaterThan(0.9 * cpus().length * 1_000)
    expect(first['cpu_clock']).toBeLessThan(1.1 * cpus().length * 1_000)
    expect(first['context_switches']).toBeGreaterThanOrEqual(0)

    const [perf = 0, ...below] = perfsBelow(process.pid)
    expect(below).toHaveLength(1)
    process.kill(perf, 'SIGKILL')
    await vi.waitFor(() => expect(counted).toThrow(/ended by SIGKILL/), PATIENT)
    await vi.waitFor(() => expect(below.filter(alive)).toEqual([]), PATIENT)
    await vi.waitFor(counted, PATIENT)

    expect(perfsBelow(process.pid)).toHaveLength(2)
    await collector.close()
    await vi.waitFor(() => expect(perfsBelow(process.pid)).toEqual([]), PATIENT)
  })

  it('does not outlive us when we are killed outright', async () => {
    const program = `
      const { launchPerf } = await import(${JSON.stringify(pathToFileURL(`${import.meta.dirname}/perf-process.ts`))})
      launchPerf()(
        ['stat', '-a', '-x,', '--log-fd', '3', '-e', 'cpu-clock', '-I', '60000', '--', 'cat'],
        () => undefined,
      )
      setInterval(() => {}, 60_000)`
    const owner = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', program],
      { stdio: 'ignore' },
    )
    const perfAndCat = await vi.waitFor(() => {
      const found = perfsBelow(owner.pid ?? 0)
      expect(found).toHaveLength(2)
      return found
    }, PATIENT)
    owner.kill('SIGKILL')
    await once(owner, 'exit')
    await vi.waitFor(() => expect(perfAndCat.filter(alive)).toEqual([]), PATIENT)
  })
})
