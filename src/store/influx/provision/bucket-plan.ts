import { DAY, SECOND } from '../../../points/instant.ts'
import type { RetentionPolicy } from '../../store.ts'
import { SHELVES, type Shelf } from '../buckets.ts'

/** How a bucket is to keep its data. Seconds; 0: for good. */
export type Keeping = { readonly everySeconds: number; readonly shardSeconds: number }
export type BucketPlan = { readonly shelf: Shelf; readonly keeping: Keeping }

const DAY_SECONDS = DAY / SECOND

/** Raw host metrics stay so much longer than they are shown, and never shorter than two days: rollups need them. */
const RAW_SPARE_DAYS = 1
const RAW_LEAST_DAYS = 2

/** How every bucket is to keep its data; a shelf that the policy does not name keeps it for good. */
export const bucketPlans = (policy: RetentionPolicy): readonly BucketPlan[] =>
  SHELVES.map((shelf) => ({ shelf, keeping: keepingOf(shelf, daysOf(policy, shelf)) }))

export const daysOf = (policy: RetentionPolicy, { dataset, tier }: Shelf): number | null =>
  policy.find((rule) => rule.dataset === dataset && rule.tier === tier)?.days ?? null

const isRawMetrics = ({ dataset, tier }: Shelf): boolean => dataset === 'metrics' && tier === 'raw'

/**
 * InfluxDB deletes by whole shards. Short ones cut finely, long ones make fewer files and quicker starts: a shard
 * covers about a twentieth of what is kept.
 */
export const keepingOf = (shelf: Shelf, days: number | null): Keeping => {
  if (isRawMetrics(shelf))
    return {
      everySeconds:
        days === null ? 0 : Math.max(RAW_LEAST_DAYS, days + RAW_SPARE_DAYS) * DAY_SECONDS,
      shardSeconds: DAY_SECONDS,
    }
  return {
    everySeconds: (days ?? 0) * DAY_SECONDS,
    shardSeconds: shardDays(days) * DAY_SECONDS,
  }
}

const shardDays = (days: number | null): number => {
  if (days === null || days > 180) return 28
  return days > 30 ? 7 : 1
}
