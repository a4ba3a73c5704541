import type { InfluxDB } from '@influxdata/influxdb-client'
import { clientFor, SILENCE_MS, type Server } from './client.ts'
import { statusOf } from './failures.ts'
import type { Verdict } from '../../spool/sender.ts'
import { createDelivery } from './deliver.ts'
import { createQueries, type Queries } from './queries.ts'
import type { WorkTokens } from './provision/provision.ts'
import type { Role } from './provision/tokens-file.ts'

type Working = 'writer' | 'roller' | 'reader'

/** The clients of the moment; tokens may be made anew while the store runs. */
export type Connection = {
  use(tokens: WorkTokens): void
  client(role: Working): InfluxDB
  /** Questions of people: a few at once, short. */
  readonly reading: Queries
  /** Rollups and what belongs to them: one at a time, long. */
  readonly rolling: Queries
  deliver(bucket: string): (body: Buffer) => Promise<Verdict>
  /** Roles that InfluxDB has refused since `use`: their token or their bucket may be gone. */
  refused(): ReadonlySet<Role>
}

const MINUTE_MS = 60_000
const READ_DEADLINE_MS = 20_000
/** As many as influxd computes at once with the flags that we ship. */
const READS_AT_ONCE = 6
const MOST_ROWS = 4_000_000

export const createConnection = (server: Server): Connection => {
  const refused = new Set<Role>()
  const clients = new Map<Working, InfluxDB>()
  const client = (role: Working): InfluxDB => clients.get(role) ?? clientFor(server, undefined)

  const queriesAs = (
    role: Working,
    limits: { readonly deadlineMs: number; readonly atOnce: number },
  ): Queries =>
    createQueries({
      ...limits,
      mostRows: MOST_ROWS,
      client: () => client(role),
      org: server.org,
      url: server.url,
      token: `the ${role} token`,
      onFailure: (error) => {
        const status = statusOf(error)
        if (status === 401 || status === 403 || status === 404) refused.add(role)
      },
    })

  return {
    use: (tokens) => {
      refused.clear()
      clients.set('writer', clientFor(server, tokens.writer))
      clients.set('reader', clientFor(server, tokens.reader, SILENCE_MS.query))
      clients.set('roller', clientFor(server, tokens.roller, SILENCE_MS.rollup))
    },
    client,
    reading: queriesAs('reader', { deadlineMs: READ_DEADLINE_MS, atOnce: READS_AT_ONCE }),
    rolling: queriesAs('roller', { deadlineMs: 5 * MINUTE_MS, atOnce: 1 }),
    deliver: (bucket) => {
      const send = createDelivery({
        client: () => client('writer'),
        url: server.url,
        org: server.org,
        bucket,
      })
      return async (body) => {
        // asked without a token InfluxDB would refuse, as if one were gone
        if (!clients.has('writer')) return { kind: 'later', why: 'InfluxDB is not ready yet' }
        const verdict = await send(body)
        if (verdict.kind === 'later' && verdict.denied === true) refused.add('writer')
        return verdict
      }
    },
    refused: () => refused,
  }
}
