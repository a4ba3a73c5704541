import { bucketName, SHELVES, type Shelf } from '../buckets.ts'
import { clientFor, type Server } from '../client.ts'
import { asFound, isOurs, listBuckets, type KeptBuckets } from './keep-buckets.ts'
import { setup } from './lacks.ts'
import { findOrganisation } from './organisation.ts'
import type { KeptTokens } from './tokens-file.ts'

/**
 * Without a token that may provision: what an earlier start has made is enough as long as it stands. Throws an
 * AppError `setup` when it does not.
 */
export const checkStanding = async (
  server: Server,
  { scoped }: KeptTokens,
): Promise<KeptBuckets & { readonly orgID: string }> => {
  const { reader } = scoped
  if (reader === undefined || scoped.writer === undefined || scoped.roller === undefined)
    throw setup(
      `INFLUX_TOKEN: InfluxDB at ${server.url} is set up already, by somebody else or by another PerfWatch. ${advice(server)}`,
    )
  const client = clientFor(server, reader.token)
  const orgID = await findOrganisation(client, server, false)
  const there = new Map((await listBuckets(client, orgID)).map((one) => [one.name, one]))
  const missing: string[] = []
  const leftAlone = new Set<Shelf>()
  const buckets = new Map(
    SHELVES.flatMap((shelf) => {
      const name = bucketName(server.prefix, shelf)
      const bucket = there.get(name)
      if (bucket === undefined) missing.push(name)
      else if (!isOurs(bucket)) leftAlone.add(shelf)
      return bucket === undefined ? [] : [[shelf, asFound(bucket)] as const]
    }),
  )
  if (missing.length > 0)
    throw setup(
      `INFLUX_TOKEN: InfluxDB at ${server.url} lacks the buckets ${missing.join(', ')}. ${advice(server)}`,
    )
  return {
    orgID,
    buckets,
    leftAlone,
    problems: ['INFLUX_TOKEN is not set: nobody looks after the tasks of InfluxDB.'],
  }
}

const advice = ({ org }: Server): string =>
  `Set INFLUX_TOKEN to an all-access token of the organisation ${org}; it is used to provision only.`
