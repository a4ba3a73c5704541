import { PassThrough } from 'node:stream'
import { EventEmitter } from 'node:events'
import pc from 'picocolors'
import { main } from '../main.ts'
import type { Rooms } from '../rooms.ts'
import type { Terminal } from '../terminal.ts'
import type { Clock } from '../../points/clock.ts'
import { instant } from '../../points/instant.ts'

export type CliRun = {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** The time of every run that is not given a clock. */
export const CLI_NOW = instant(Date.UTC(2025, 0, 18, 12))

/** A command line with a captured output, fake rooms and nothing of this process. A room that was not given throws. */
export const runCli = async (
  argv: readonly string[],
  options: {
    readonly rooms?: Partial<Rooms>
    readonly environment?: Readonly<Record<string, string>>
    readonly stdin?: string
    readonly clock?: Clock
    readonly nodeVersion?: string
    readonly columns?: number
    readonly signals?: EventEmitter
  } = {},
): Promise<CliRun> => {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  stdin.end(options.stdin ?? '')
  const terminal: Terminal = {
    out: (text) => void stdout.write(`${text}\n`),
    err: (text) => void stderr.write(`${text}\n`),
    stdin,
    stdout,
    stderr,
    interactive: false,
    size: () => ({ columns: options.columns ?? 120, rows: 40 }),
    colours: pc.createColors(false),
  }
  const code = await main(argv, {
    terminal,
    environment: options.environment ?? {},
    clock: options.clock ?? { now: () => CLI_NOW, monotonic: () => 0 },
    nodeVersion: options.nodeVersion ?? 'v20.20.2',
    rooms: { ...noRooms, ...options.rooms },
    signals: options.signals ?? new EventEmitter(),
  })
  return { code, out: textOf(stdout), err: textOf(stderr) }
}

const textOf = (stream: PassThrough): string => {
  const chunk: unknown = stream.read()
  return Buffer.isBuffer(chunk) ? chunk.toString('utf8') : ''
}

const missing = (room: string) => () => {
  throw new Error(`The test opened ${room}, which it did not give.`)
}

const noRooms: Rooms = {
  serve: missing('serve'),
  openAccounts: missing('openAccounts'),
  openStore: missing('openStore'),
  openCopy: missing('openCopy'),
  about: missing('about'),
  sampleOnce: missing('sampleOnce'),
  watch: missing('watch'),
  explainPerf: missing('explainPerf'),
  serverRuns: missing('serverRuns'),
  storeExists: missing('storeExists'),
  storeDamage: missing('storeDamage'),
  storeNotes: missing('storeNotes'),
  influxAccess: missing('influxAccess'),
  restore: missing('restore'),
  wait: missing('wait'),
}
