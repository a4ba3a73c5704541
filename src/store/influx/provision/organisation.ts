import type { InfluxDB } from '@influxdata/influxdb-client'
import { BucketsAPI, OrgsAPI } from '@influxdata/influxdb-client-apis'
import type { Server } from '../client.ts'
import { statusOf } from '../failures.ts'
import { missingRight, setup } from './lacks.ts'

/** The id of INFLUX_ORG; made when it is missing and the token may. */
export const findOrganisation = async (
  client: InfluxDB,
  { org }: Server,
  mayMake: boolean,
): Promise<string> => {
  const api = new OrgsAPI(client)
  const found = await api.getOrgs({ org }).catch((error: unknown) => {
    if (statusOf(error) === 404) return { orgs: [] }
    throw error
  })
  const id = found.orgs?.[0]?.id ?? (await idFromBuckets(client, org))
  if (id !== undefined) return id
  if (mayMake)
    try {
      const made = await api.postOrgs({ body: { name: org } })
      if (made.id !== undefined) return made.id
    } catch (error) {
      if (missingRight(error) === undefined && statusOf(error) !== 401) throw error
    }
  const others = (await api.getOrgs({ limit: 20 }).catch(() => ({ orgs: [] }))).orgs ?? []
  const names = others.map((one) => one.name).join(', ')
  throw setup(
    `INFLUX_ORG: INFLUX_TOKEN sees no organisation ${org} and may not make one.${names === '' ? '' : ` It sees: ${names}.`}`,
  )
}

/** A token that may not read organisations still sees their id on its buckets. */
const idFromBuckets = async (client: InfluxDB, org: string): Promise<string | undefined> => {
  // the limit is taken before those that it may not see are left out
  const found = await new BucketsAPI(client).getBuckets({ org, limit: 100 }).catch(() => undefined)
  return found?.buckets?.[0]?.orgID
}
