import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { InfluxBinaries } from '../influxd/find.ts'
import { startInfluxd, type InfluxServer } from '../../src/testing/influxd.ts'
import {
  startServerProcess,
  temporaryFolder,
  type ServerProcess,
} from '../../src/testing/server-process.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const API_KEY = 'a key for tests'
const run = promisify(execFile)

/** PerfWatch on a real InfluxDB with days of the host `demo`, some events and some log lines. */
export type InfluxProduct = {
  readonly influxd: InfluxServer
  readonly server: ServerProcess
  readonly folder: string
  /** Runs `perfwatch` on its data folder; resolves with what it wrote. */
  cli(...args: readonly string[]): Promise<string>
  end(): Promise<void>
}

export const PROJECT = 'shop'
export const EVENT_METRIC = 'backend_response'
export const DURATIONS = [10, 20, 30, 40]
export const LOG_USER = 'ann'
export const LOG_LINES = [
  ['info', 'started'],
  ['warning', 'the shelf is nearly empty'],
  ['error', 'the shelf is empty'],
] as const

/** Writes lines (nanoseconds) into a bucket, as whoever owns InfluxDB. */
export type WriteLines = (bucket: string, lines: string | Buffer) => Promise<void>

export const startInfluxProduct = async (
  binaries: InfluxBinaries,
  days: number,
  /** Adds to what is there before the server looks at it. */
  more?: (write: WriteLines) => Promise<void>,
): Promise<InfluxProduct> => {
  const folder = temporaryFolder()
  const influxd = await startInfluxd(binaries)
  const environment = {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    DATA_DIR: folder,
    INFLUX_URL: influxd.url,
  }
  const cli = async (...args: readonly string[]): Promise<string> => {
    const command = ['--import', 'tsx', join(ROOT, 'src/bin.ts'), ...args]
    const { stdout } = await run(process.execPath, command, { cwd: ROOT, env: environment })
    return stdout
  }
  const { INFLUX_URL, ...embedded } = environment
  const seed = ['--import', 'tsx', join(ROOT, 'src/bin.ts'), 'seed', '--days', String(days)]
  await run(process.execPath, seed, { cwd: ROOT, env: embedded })
  const settings = { INFLUX_URL, LOGGER_API_KEY: API_KEY, SAMPLING_INTERVAL_SECONDS: '5' }
  const first = await startServerProcess(folder, settings)
  await cli('copy', '--from', 'embedded', '--to', 'influx')
  await more?.(await writerOf(influxd.url, folder))
  // what it had looked up before it would find out in a while
  await first.end('SIGTERM')
  const server = await startServerProcess(folder, settings)
  await sendRecords(server)
  return {
    influxd,
    server,
    folder,
    cli,
    end: async () => {
      await server.end('SIGTERM')
      await influxd.end()
    },
  }
}

/** With the operator token that PerfWatch has made. */
export const writerOf = async (url: string, folder: string): Promise<WriteLines> => {
  const tokens = JSON.parse(await readFile(join(folder, 'influx-tokens.json'), 'utf8')) as {
    readonly operator: { readonly token: string }
  }
  return async (bucket, lines) => {
    const answer = await fetch(`${url}/api/v2/write?org=perfwatch&bucket=${bucket}`, {
      method: 'POST',
      headers: { authorization: `Token ${tokens.operator.token}` },
      body: String(lines),
    })
    if (!answer.ok) throw new Error(`${bucket}: ${answer.status} ${await answer.text()}`)
  }
}

const sendRecords = async (server: ServerProcess): Promise<void> => {
  const send = async (method: string, path: string, body: unknown, headers = {}) => {
    const answer = await fetch(server.url + path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  }
  const authorization = { authorization: `Bearer ${await server.token()}` }
  await send('PUT', '/private/project/', { title: PROJECT }, authorization)
  for (const durationMs of DURATIONS)
    await send('PUT', `/${PROJECT}/event/`, { metricName: EVENT_METRIC, durationMs })
  const password = 'a long password of ann'
  const account = { user: LOG_USER, password, tel_id: '1' }
  await send('POST', '/create_user', account, { 'x-api-key': API_KEY })
  const post_time = new Date().toISOString()
  const logs = LOG_LINES.map(([level, msg]) => ({
    level,
    msg,
    event_at: post_time,
    p_description: 'a process',
  }))
  const token = createHash('md5').update(`${LOG_USER}${password}`).digest('hex')
  const data = { user: LOG_USER, pid: 7, p_name: 'shopd', post_time, logs }
  await send('POST', '/send_logs', { data }, { 'x-user-token': token })
}

/** An answer in annotated CSV as rows by the names of their columns; a failure within an answer throws. */
export const rowsOf = (csv: string): readonly Readonly<Record<string, string>>[] => {
  const rows: Record<string, string>[] = []
  let names: readonly string[] | undefined
  for (const line of csv.split(/\r?\n/)) {
    if (line.trim() === '' || line.startsWith('#')) {
      names = undefined
      continue
    }
    const cells = line.split(',')
    if (names === undefined) {
      names = cells
      if (cells.includes('error')) throw new Error(csv)
    } else rows.push(Object.fromEntries(names.map((name, place) => [name, cells[place] ?? ''])))
  }
  return rows
}
