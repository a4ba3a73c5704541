import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { findInflux, type InfluxBinaries } from '../../scripts/influxd/find.ts'
import { GOMEMLIMIT, SHIPPED_FLAGS } from '../../scripts/influxd/flags.ts'

/** A real influxd for the tests of one file: on a free loopback port, with its files in a temporary folder. */
export type InfluxServer = {
  readonly url: string
  /** The CLI, where this machine has it. */
  readonly cli: string | null
  readonly folder: string
  /** Of the process of now; 0: it is stopped. */
  pid(): number
  /** A clean stop: SIGINT, all that is in memory written. */
  stop(): Promise<void>
  /** As a crash: SIGKILL. */
  kill9(): Promise<void>
  /** The same server again, on the same port and files, with these flags instead; resolves when it answers. */
  start(flags?: readonly string[]): Promise<void>
  /** Stops it and deletes its files. */
  end(): Promise<void>
}

export const NO_INFLUXD =
  'The tests with a real InfluxDB do not run: there is none on this machine. `npm run influx:get` gets it.'

/**
 * What the machine has; null: nothing, and the caller skips (the one skip that is allowed; one file of tests says
 * so for all). A run that counts (`CI=true`) fails instead.
 */
export const influxForTests = (): InfluxBinaries | null => {
  const found = findInflux(process.env)
  if (found === null && process.env.CI === 'true') throw new Error(NO_INFLUXD)
  return found
}

// the deletions of retention every few seconds instead of half-hours
const FLAGS = [
  ...SHIPPED_FLAGS,
  '--ui-disabled',
  '--pprof-disabled',
  '--storage-retention-check-interval=2s',
]

export const startInfluxd = async (
  binaries: InfluxBinaries,
  flags: readonly string[] = [],
): Promise<InfluxServer> => {
  const folder = mkdtempSync(join(tmpdir(), 'perfwatch-influxd-'))
  let child: ChildProcess | undefined
  let port = 0

  // a test process that ends early takes its server along
  const abandon = () => child?.kill('SIGKILL')
  process.once('exit', abandon)

  const start = async (more = flags): Promise<void> => {
    const started = spawn(
      binaries.influxd,
      [
        ...FLAGS,
        ...more,
        `--http-bind-address=127.0.0.1:${port}`,
        `--bolt-path=${join(folder, 'influxd.bolt')}`,
        `--sqlite-path=${join(folder, 'influxd.sqlite')}`,
        `--engine-path=${join(folder, 'engine')}`,
      ],
      {
        // influxd reads a config file from its working directory
        cwd: folder,
        env: { PATH: process.env.PATH ?? '', HOME: folder, GOMEMLIMIT },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    child = started
    port = await listening(started)
  }

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = child
    child = undefined
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return
    const gone = new Promise((resolve) => ending.once('exit', resolve))
    ending.kill(signal)
    await gone
  }

  await start()
  return {
    url: `http://127.0.0.1:${port}`,
    cli: binaries.influx,
    folder,
    pid: () => child?.pid ?? 0,
    // SIGTERM is no clean stop of influxd
    stop: () => end('SIGINT'),
    kill9: () => end('SIGKILL'),
    start,
    end: async () => {
      await end('SIGINT')
      process.removeListener('exit', abandon)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The port, once the log says that it is listened on: all is loaded then. Rejects when the server ends instead. */
const listening = (child: ChildProcess): Promise<number> =>
  new Promise((resolve, reject) => {
    const last: string[] = []
    const hear = (line: string) => {
      last.push(line)
      if (last.length > 20) last.shift()
      const port = line.includes('Listening') ? /port"?[:=]\s?(\d+)/.exec(line)?.[1] : undefined
      if (port !== undefined) resolve(Number(port))
    }
    for (const stream of [child.stdout, child.stderr])
      if (stream !== null) createInterface({ input: stream }).on('line', hear)
    child.once('error', reject)
    child.once('exit', (code) =>
      reject(new Error(`influxd ended with ${code}:\n${last.join('\n')}`)),
    )
  })
