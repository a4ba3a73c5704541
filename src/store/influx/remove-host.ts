import { DeleteAPI } from '@influxdata/influxdb-client-apis'
import { cleanName } from '../../points/line-protocol.ts'
import { bucketName, SHELVES } from './buckets.ts'
import type { Server } from './client.ts'
import type { Connection } from './connection.ts'
import { asAppError } from './failures.ts'

/** All times that InfluxDB can hold. */
export const ALL_TIMES = { start: '1677-09-21T00:12:44Z', stop: '2262-04-11T23:47:16Z' } as const

/** Deletes every point of a host, of all datasets and tiers. */
export const removeHost = async (
  server: Server,
  connection: Pick<Connection, 'client'>,
  host: string,
): Promise<void> => {
  const predicate = `host=${quotedInPredicate(cleanName(host))}`
  for (const shelf of SHELVES) {
    const role = shelf.tier === 'raw' ? 'writer' : 'roller'
    const bucket = bucketName(server.prefix, shelf)
    const body = { ...ALL_TIMES, predicate }
    try {
      await new DeleteAPI(connection.client(role)).postDelete({ org: server.org, bucket, body })
    } catch (error) {
      throw asAppError(error, { url: server.url, token: `the ${role} token` })
    }
  }
}

/** As predicates of deletions want it: only quotes and backslashes mean something. */
export const quotedInPredicate = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
