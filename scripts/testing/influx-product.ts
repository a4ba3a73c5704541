import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { InfluxBinaries } from '../influxd/find.ts'
import type { InfluxServer } from '../../src/testing/influxd.ts'
import { createLogger, sendLogs } from '../../src/testing/logger-client.ts'
import { openProduct, type Product } from '../../src/testing/product.ts'
import type { ServerProcess } from '../../src/testing/server-process.ts'

const API_KEY = 'a key for tests'

/** PerfWatch on a real InfluxDB with days of the host `demo`, some events and some log lines. */
export type InfluxProduct = Product & { readonly influxd: InfluxServer }

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
  const product = await openProduct({
    days,
    influx: binaries,
    settings: { LOGGER_API_KEY: API_KEY, SAMPLING_INTERVAL_SECONDS: '5' },
    more: async ({ url }, folder) => more?.(await writerOf(url, folder)),
  })
  await sendRecords(product.server())
  return product as InfluxProduct
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
  const authorization = { authorization: `Bearer ${await server.token()}` }
  await server.send('PUT', '/private/project/', { title: PROJECT }, authorization)
  for (const durationMs of DURATIONS)
    await server.send('PUT', `/${PROJECT}/event/`, { metricName: EVENT_METRIC, durationMs })
  const account = { username: LOG_USER, password: 'a long password of ann' }
  await createLogger(server, account, API_KEY)
  const lines = LOG_LINES.map(([level, msg]) => ({ level, msg }))
  await sendLogs(server, account, lines)
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
