import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/points/clock.ts'
import { openInflux } from '../../src/store/influx/open-influx.ts'
import type { RetentionPolicy, SeriesStore } from '../../src/store/store.ts'
import { influxAdmin, type InfluxAdmin } from '../../src/testing/influx-admin.ts'
import {
  influxForTests,
  NO_INFLUXD,
  startInfluxd,
  type InfluxServer,
} from '../../src/testing/influxd.ts'

export const TOKEN = 'the-operator-token-of-the-bench-0123456789'
export const ORG = 'perfwatch'
export const PREFIX = 'perfwatch'

/** A real influxd in a temporary folder, started with the flags that we ship. */
export type InfluxLab = {
  readonly server: InfluxServer
  readonly admin: InfluxAdmin
  /** PerfWatch's store on it, in a folder of its own or the given one. */
  open(folder?: string, policy?: RetentionPolicy): Promise<SeriesStore>
  /** Line protocol (nanoseconds) into a bucket by one plain request. */
  write(bucket: string, body: string | Buffer): Promise<void>
  end(): Promise<void>
}

/** As shipped: what the tests' server looks after more often is left at influxd's own half hour. */
export const SHIPPED = ['--storage-retention-check-interval=30m']

export const openInfluxLab = async (flags: readonly string[] = []): Promise<InfluxLab> => {
  const binaries = influxForTests()
  if (binaries === null) throw new Error(NO_INFLUXD)
  const server = await startInfluxd(binaries, [...SHIPPED, ...flags])
  const own = mkdtempSync(join(tmpdir(), 'bench-influx-'))
  const agent = new Agent({ keepAlive: true })
  return {
    server,
    admin: influxAdmin(server.url, TOKEN),
    open: (folder = own, policy = []) =>
      openInflux({
        server: { url: server.url, org: ORG, prefix: PREFIX },
        token: TOKEN,
        mode: 'auto',
        folder,
        clock: systemClock,
        policy,
      }),
    write: (bucket, body) =>
      new Promise((resolve, reject) => {
        const query = new URLSearchParams({ org: ORG, bucket, precision: 'ns' })
        const headers = { authorization: `Token ${TOKEN}`, 'content-type': 'text/plain' }
        const sent = request(
          `${server.url}/api/v2/write?${query.toString()}`,
          { agent, headers, method: 'POST' },
          (answer) => {
            answer.resume()
            answer.once('end', () =>
              answer.statusCode === 204
                ? resolve()
                : reject(new Error(`InfluxDB answered a write with ${answer.statusCode}.`)),
            )
          },
        )
        sent.once('error', reject)
        sent.end(body)
      }),
    end: async () => {
      agent.destroy()
      await server.end()
      rmSync(own, { recursive: true, force: true })
    },
  }
}
