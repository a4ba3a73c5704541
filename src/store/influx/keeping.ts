import { DAY, HOUR, SECOND, windowStart } from '../../points/instant.ts'
import type { RetentionPolicy } from '../store.ts'
import type { Shelf } from './buckets.ts'
import { bucketPlans, type BucketPlan, type Keeping } from './provision/bucket-plan.ts'

/** What must be known to say how long a bucket may keep its data. Milliseconds. */
export type Circumstances = {
  readonly now: number
  /** Everything before this is in all tiers. */
  readonly rolledUpTo: number
  /** The wall clock has jumped forward and may be wrong. */
  readonly clockJumped: boolean
}

/** Raw rows that are not rolled up stay so much longer than they have to. */
const SPARE_MS = 2 * DAY

/**
 * How long each bucket is to keep its data now: as the policy says, but nothing is deleted because a clock has jumped,
 * and no raw rows before they are rolled up.
 */
export const plansNow = (policy: RetentionPolicy, around: Circumstances): readonly BucketPlan[] =>
  bucketPlans(policy).map(({ shelf, keeping }) => ({
    shelf,
    keeping: keepingNow(shelf, keeping, around),
  }))

export const isRawMetrics = ({ dataset, tier }: Shelf): boolean =>
  dataset === 'metrics' && tier === 'raw'

const keepingNow = (shelf: Shelf, wanted: Keeping, around: Circumstances): Keeping => {
  if (wanted.everySeconds === 0) return wanted
  if (around.clockJumped) return { ...wanted, everySeconds: 0 }
  if (!isRawMetrics(shelf) || cutOf(wanted, around.now) <= around.rolledUpTo) return wanted
  // not known how far: it is found out soon
  if (around.rolledUpTo === -Infinity) return { ...wanted, everySeconds: 0 }
  const days = Math.ceil((around.now - around.rolledUpTo + SPARE_MS) / DAY)
  return { ...wanted, everySeconds: Math.max(wanted.everySeconds, (days * DAY) / SECOND) }
}

/** The latest cut that InfluxDB can have made in a bucket: it deletes shards whose end is too old. */
export const cutOf = ({ everySeconds, shardSeconds }: Keeping, now: number): number => {
  if (everySeconds === 0) return -Infinity
  const shard = Math.min(DAY, Math.max(HOUR, shardSeconds * SECOND))
  return windowStart(now - everySeconds * SECOND, shard)
}
