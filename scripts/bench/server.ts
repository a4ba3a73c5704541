import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { BenchRow } from './bench.ts'

const ENTRY = fileURLToPath(new URL('../../dist/perfwatch.js', import.meta.url))
const SETTLE_MS = 15_000
const WATCH_MS = 60_000
/** USER_HZ, which Linux has fixed at 100 for programs. */
const TICKS_PER_SECOND = 100

/** The built server at rest: sampling this host every 5 s, nobody asking. */
export const benchServer = async (): Promise<BenchRow[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'perfwatch-bench-idle-'))
  const child = spawn(process.execPath, [ENTRY, 'serve'], {
    env: { PATH: process.env.PATH ?? '', DATA_DIR: folder, PORT: '0', PRINT_PASSWORD: '0' },
    stdio: 'ignore',
  })
  const { pid } = child
  if (pid === undefined) throw new Error(`${ENTRY} does not start; run npm run build.`)
  try {
    await sleep(SETTLE_MS)
    const before = cpuSeconds(pid)
    await sleep(WATCH_MS)
    const share = (cpuSeconds(pid) - before) / (WATCH_MS / 1_000)
    const rss = residentMb(pid)
    return [
      {
        figure: 'server idle',
        measured: `${rss.toFixed(0)} MB RSS, ${(share * 100).toFixed(2)} % of a core`,
        target: '<= 200 MB RSS, <= 1 % of a core',
        ok: rss <= 200 && share <= 0.01,
        method: `The built server samples this host every 5 s and nobody asks it; user and system time of its process over ${WATCH_MS / 1_000} s after ${SETTLE_MS / 1_000} s, without the perf that it runs.`,
      },
    ]
  } finally {
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await gone
    rmSync(folder, { recursive: true, force: true })
  }
}

/** utime and stime of /proc/<pid>/stat, behind the name in brackets. */
const cpuSeconds = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

const residentMb = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_000
