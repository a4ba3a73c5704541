import type { InfluxDB } from '@influxdata/influxdb-client'
import { BucketsAPI } from '@influxdata/influxdb-client-apis'
import type { Dataset } from '../../catalog/datasets.ts'
import { ROLLUP_TIERS, type Tier } from '../../catalog/tiers.ts'
import type { Clock } from '../../points/clock.ts'
import { DAY, HOUR, windowStart } from '../../points/instant.ts'
import type { Deletion, RetentionPolicy } from '../store.ts'
import { findShelf, type Shelf } from './buckets.ts'
import type { CountBook } from './counts.ts'
import type { EndsBook } from './ends.ts'
import { cut, spanOf } from './extent.ts'
import { unavailable } from './failures.ts'
import { cutOf, isRawMetrics, plansNow, type Circumstances } from './keeping.ts'
import { bucketPlans, daysOf, type BucketPlan, type Keeping } from './provision/bucket-plan.ts'
import { asFound, isSame, rulesOf, type FoundBucket } from './provision/keep-buckets.ts'
import { RAW_METRICS } from './provision/set-up.ts'
import type { Sizes } from './sizes.ts'
import type { StateBook } from './state.ts'

export type Retention = {
  /** Reads find nothing before this; null: never cut. Whole hours: no window is cut in two. */
  horizon(dataset: Dataset, tier: Tier): number | null
  /** Raw host metrics before this may be gone in part. */
  rawHorizon(): number
  /** How each bucket is to keep its data now. */
  plans(): readonly BucketPlan[]
  /** What InfluxDB will delete soon because of this policy. */
  preview(policy: RetentionPolicy): Promise<readonly Deletion[]>
  apply(policy: RetentionPolicy): Promise<readonly Deletion[]>
  /** Gives buckets the retention of now where it has changed by itself. */
  follow(): Promise<void>
}

type Options = {
  readonly clock: Clock
  readonly state: StateBook
  readonly ends: EndsBook
  readonly counts: CountBook
  readonly sizes: Sizes
  readonly policy: RetentionPolicy
  readonly buckets: {
    get(shelf: Shelf): FoundBucket | undefined
    set(shelf: Shelf, bucket: FoundBucket): void
    /** Its retention is somebody else's to change, unless a person changes ours. */
    isLeftAlone(shelf: Shelf): boolean
    /** False where somebody else provides everything. */
    mayChange(): boolean
    /** The client that may change it. */
    client(shelf: Shelf): InfluxDB
  }
  readonly clockJumped: () => boolean
  /** The first hour that is to be rolled up again; Infinity: none. */
  readonly firstDirty: () => number
  readonly rollDue: () => Promise<unknown>
}

/**
 * InfluxDB deletes by its own clock, by whole shards, some time after they are too old; reads are cut at once. What
 * we say is how long each bucket keeps its data.
 */
export const createRetention = (options: Options): Retention => {
  const { clock, state, ends, counts, sizes, buckets } = options
  let { policy } = options
  /** There is no raw row before this, as far as we have looked: nothing that could be missing in a tier. */
  let rawBegins = -Infinity

  const around = (): Circumstances => ({
    now: clock.now(),
    rolledUpTo: Math.min(
      options.firstDirty(),
      ...ROLLUP_TIERS.map((tier) => Math.max(rawBegins, state.mark(tier) ?? -Infinity)),
    ),
    clockJumped: options.clockJumped(),
  })

  const lookWhereRawBegins = async () => {
    const raw = findShelf(RAW_METRICS.dataset, RAW_METRICS.tier)
    const span = raw && spanOf([...(await ends.byHost(raw)).values()])
    rawBegins = windowStart(span?.first ?? clock.now(), HOUR)
  }

  const rawCut = (): number => {
    const raw = findShelf(RAW_METRICS.dataset, RAW_METRICS.tier)
    const keeping = raw && buckets.get(raw)?.keeping
    return keeping === undefined ? -Infinity : cutOf(keeping, clock.now())
  }

  /** Kept, so that a retention that is made longer does not make us believe in rows that are gone. */
  const noteCut = () => {
    // a clock that is wrong would forbid to roll up what is there
    if (!options.clockJumped()) state.raiseRawCut(rawCut())
  }

  const change = async ({ shelf, keeping }: BucketPlan): Promise<void> => {
    const bucket = buckets.get(shelf)
    if (bucket === undefined || isSame(bucket.keeping, keeping)) return
    const api = new BucketsAPI(buckets.client(shelf))
    const body = { retentionRules: rulesOf(keeping) }
    buckets.set(shelf, asFound(await api.patchBucketsID({ bucketID: bucket.id, body })))
  }

  const horizon = (dataset: Dataset, tier: Tier): number | null => {
    const shelf = findShelf(dataset, tier)
    const days = shelf === undefined ? null : daysOf(policy, shelf)
    return days === null ? null : windowStart(clock.now() - days * DAY, HOUR)
  }

  const deletionOf = async (shelf: Shelf, keeping: Keeping): Promise<Deletion> => {
    const { dataset, tier } = shelf
    // what is cut already is deleted for whoever reads, whenever InfluxDB gets round to it
    const from = horizon(dataset, tier) ?? -Infinity
    const to = cutOf(keeping, clock.now())
    const span = cut(spanOf([...(await ends.byHost(shelf)).values()]), from)
    if (span === undefined || span.first >= to) return { dataset, tier, points: 0, bytes: 0 }
    const [points, all, bytes] = await Promise.all([
      counts.within(shelf, { from, to }),
      counts.of(shelf),
      sizes.of(buckets.get(shelf)?.id ?? ''),
    ])
    return { dataset, tier, points, bytes: all === 0 ? 0 : Math.round((points / all) * bytes) }
  }

  const preview = async (next: RetentionPolicy): Promise<readonly Deletion[]> => {
    const deletions: Deletion[] = []
    for (const { shelf, keeping } of bucketPlans(next))
      if (daysOf(next, shelf) !== null) deletions.push(await deletionOf(shelf, keeping))
    return deletions
  }

  /** Whether the policy lets raw rows be deleted that are not in the tiers. */
  const overtakes = (next: RetentionPolicy): boolean => {
    const raw = bucketPlans(next).find(({ shelf }) => isRawMetrics(shelf))
    return raw !== undefined && cutOf(raw.keeping, clock.now()) > around().rolledUpTo
  }

  return {
    horizon,
    rawHorizon: () => Math.max(state.rawCut(), rawCut()),
    plans: () => plansNow(policy, around()),
    preview,
    apply: async (next) => {
      const deletions = await preview(next)
      await lookWhereRawBegins()
      if (overtakes(next)) await options.rollDue()
      if (overtakes(next))
        throw unavailable(
          'Raw rows that the new retention would delete are not rolled up yet. Try again in a few minutes.',
        )
      noteCut()
      policy = next
      if (buckets.mayChange()) for (const plan of plansNow(next, around())) await change(plan)
      noteCut()
      ends.forget(() => true)
      counts.forget(() => true)
      state.setRetentionAt(clock.now())
      await state.save()
      return deletions
    },
    follow: async () => {
      await lookWhereRawBegins()
      noteCut()
      for (const plan of plansNow(policy, around()))
        if (!buckets.isLeftAlone(plan.shelf)) await change(plan)
      if (!options.clockJumped()) state.setRetentionAt(clock.now())
      await state.save()
    },
  }
}
