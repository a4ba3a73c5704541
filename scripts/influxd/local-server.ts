import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { GOMEMLIMIT, LOCAL_FLAGS, SHIPPED_FLAGS } from './flags.ts'

export type LocalServer = {
  readonly url: string
  /** Resolves when it has ended, by itself or by `stop`, with its exit code. */
  readonly ended: Promise<number | null>
  /** A clean stop: influxd writes its log out at SIGINT, at SIGTERM it does not. */
  stop(): Promise<void>
}

type Options = {
  readonly influxd: string
  /** Where its files are; made with mode 0700 when missing. */
  readonly folder: string
  readonly port: number
  readonly path: string
}

/** Starts an influxd on loopback and resolves when it answers; rejects with what it said last when it ends instead. */
export const startLocalServer = async (options: Options): Promise<LocalServer> => {
  const { influxd, folder, port, path } = options
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const url = `http://127.0.0.1:${port}`
  const child = spawn(
    influxd,
    [
      ...SHIPPED_FLAGS,
      ...LOCAL_FLAGS,
      `--http-bind-address=127.0.0.1:${port}`,
      `--bolt-path=${join(folder, 'influxd.bolt')}`,
      `--sqlite-path=${join(folder, 'influxd.sqlite')}`,
      `--engine-path=${join(folder, 'engine')}`,
    ],
    {
      // it reads a configuration from its working directory, and has no use for our environment
      cwd: folder,
      env: { PATH: path, HOME: folder, GOMEMLIMIT },
      // its own group: Ctrl-C of a terminal must reach PerfWatch first
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const last = lastLines(child)
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject)
    void ended.then((code) => reject(new Error(`influxd ended with ${code}: ${last().join('\n')}`)))
  })
  await Promise.race([answering(url), failed])
  failed.catch(() => {})
  return {
    url,
    ended,
    stop: async () => {
      child.kill('SIGINT')
      await ended
    },
  }
}

const ASK_EVERY_MS = 100

/** Until it is ready: a first start takes a second or two, a long log of writes longer. */
const answering = async (url: string): Promise<void> => {
  for (;;) {
    try {
      if ((await fetch(`${url}/ready`)).ok) return
    } catch {
      // it does not listen yet
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS))
  }
}

const KEPT_LINES = 10

const lastLines = (child: ChildProcess): (() => readonly string[]) => {
  const kept: string[] = []
  for (const stream of [child.stdout, child.stderr])
    if (stream !== null)
      createInterface({ input: stream }).on('line', (line) => {
        kept.push(line)
        if (kept.length > KEPT_LINES) kept.shift()
      })
  return () => kept
}
