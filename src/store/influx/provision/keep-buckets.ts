import type { InfluxDB } from '@influxdata/influxdb-client'
import { BucketsAPI, type Bucket } from '@influxdata/influxdb-client-apis'
import type { Server } from '../client.ts'
import { bucketName, type Shelf } from '../buckets.ts'
import { reasonOf } from '../failures.ts'
import type { BucketPlan, Keeping } from './bucket-plan.ts'
import type { Lacks } from './lacks.ts'

export type FoundBucket = { readonly id: string; readonly name: string; readonly keeping: Keeping }

/** How our buckets are known: one that somebody else made is never given a shorter retention by a start. */
export const MARK = 'Made by PerfWatch'

const PAGE = 100

/** All buckets of the organisation that the token may see. */
export const listBuckets = async (client: InfluxDB, orgID: string): Promise<readonly Bucket[]> => {
  const api = new BucketsAPI(client)
  const found: Bucket[] = []
  for (let after: string | undefined; ;) {
    const { buckets = [] } = await api.getBuckets({
      orgID,
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    })
    found.push(...buckets)
    after = buckets.at(-1)?.id
    if (buckets.length < PAGE || after === undefined) return found
  }
}

export const isOurs = (bucket: Bucket): boolean => bucket.description?.startsWith(MARK) === true

export const asFound = ({ id, name, retentionRules }: Bucket): FoundBucket => {
  const rule = retentionRules.find((one) => one.type === 'expire')
  return {
    id: id ?? '',
    name,
    keeping: {
      everySeconds: rule?.everySeconds ?? 0,
      shardSeconds: rule?.shardGroupDurationSeconds ?? 0,
    },
  }
}

export const rulesOf = ({ everySeconds, shardSeconds }: Keeping) => [
  { type: 'expire' as const, everySeconds, shardGroupDurationSeconds: shardSeconds },
]

type Options = {
  readonly client: InfluxDB
  readonly server: Server
  readonly orgID: string
  readonly plans: readonly BucketPlan[]
  /** Made by the set-up, so ours though nothing says so yet. */
  readonly madeBySetUp: string | undefined
  readonly lacks: Lacks
}

export type KeptBuckets = {
  readonly buckets: ReadonlyMap<Shelf, FoundBucket>
  /** Buckets of somebody else, whose retention is not ours to change by ourselves. */
  readonly leftAlone: ReadonlySet<Shelf>
  readonly problems: readonly string[]
}

/** Makes missing buckets and gives ours the retention that is wanted. */
export const keepBuckets = async (options: Options): Promise<KeptBuckets> => {
  const { client, server, orgID, plans, lacks } = options
  const api = new BucketsAPI(client)
  const there = new Map((await listBuckets(client, orgID)).map((one) => [one.name, one]))
  const buckets = new Map<Shelf, FoundBucket>()
  const leftAlone = new Set<Shelf>()
  const problems: string[] = []

  const make = async (name: string, keeping: Keeping): Promise<Bucket> => {
    try {
      return await api.postBuckets({
        body: { orgID, name, description: MARK, retentionRules: rulesOf(keeping) },
      })
    } catch (error) {
      // another replica was quicker
      if (!reasonOf(error).includes('already exists')) throw error
      const made = (await api.getBuckets({ orgID, name })).buckets?.[0]
      if (made === undefined) throw error
      return made
    }
  }

  const change = (bucket: Bucket, keeping: Keeping): Promise<Bucket> =>
    api.patchBucketsID({
      bucketID: bucket.id ?? '',
      body: { description: MARK, retentionRules: rulesOf(keeping) },
    })

  for (const { shelf, keeping } of plans) {
    const name = bucketName(server.prefix, shelf)
    const bucket = there.get(name)
    if (bucket === undefined) {
      const made = await lacks.attempt(`make the bucket ${name}`, () => make(name, keeping))
      if (made !== undefined) buckets.set(shelf, asFound(made))
      continue
    }
    const found = asFound(bucket)
    if (isSame(found.keeping, keeping) && isOurs(bucket)) {
      buckets.set(shelf, found)
      continue
    }
    const mayShorten = isOurs(bucket) || name === options.madeBySetUp
    if (!mayShorten && isShorter(keeping, found.keeping)) {
      buckets.set(shelf, found)
      leftAlone.add(shelf)
      problems.push(
        `The bucket ${name} was not made by PerfWatch and keeps its data longer than the configuration says; it is left so. Change the retention in PerfWatch to make it follow.`,
      )
      continue
    }
    const changed = await lacks.attempt(`set the retention of the bucket ${name}`, () =>
      change(bucket, keeping),
    )
    buckets.set(shelf, changed === undefined ? found : asFound(changed))
  }
  return { buckets, leftAlone, problems }
}

export const isSame = (a: Keeping, b: Keeping): boolean =>
  a.everySeconds === b.everySeconds && a.shardSeconds === b.shardSeconds

const isShorter = (a: Keeping, b: Keeping): boolean =>
  a.everySeconds !== 0 && (b.everySeconds === 0 || a.everySeconds < b.everySeconds)
