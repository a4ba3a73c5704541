import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { BenchRow } from './bench.ts'
import { cpuSeconds, residentMb } from './process-figures.ts'

const ENTRY = fileURLToPath(new URL('../../dist/perfwatch.js', import.meta.url))
const SETTLE_MS = 15_000
const WATCH_MS = 60_000

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
