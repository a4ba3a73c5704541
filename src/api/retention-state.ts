import type { Accounts } from '../accounts/accounts.ts'
import type { Config } from '../accounts/config.ts'
import type { Tier } from '../catalog/tiers.ts'
import type { Dataset } from '../catalog/datasets.ts'
import type { Clock } from '../points/clock.ts'
import { DAY, HOUR, toIso, type Instant } from '../points/instant.ts'
import { retentionPolicy, type RetentionSettings } from '../store/retention-policy.ts'
import type { Extent, RetentionRule, SeriesStore } from '../store/store.ts'

/** Facts that outlive a restart, ISO times. */
export const RETENTION_FACTS = {
  created: 'retention:created-at',
  updated: 'retention:updated-at',
} as const

export type TierState = { readonly rule: RetentionRule; readonly extent: Extent }

export type WouldDelete = {
  readonly dataset: Dataset
  readonly interval: Tier
  readonly points: number
  readonly size_mb: number
}

export type WillKeep = {
  readonly interval: Tier
  /** null: for good. */
  readonly retention_days: number | null
  /** What a day of it takes, by what is stored now; null: nothing yet. */
  readonly mb_per_day: number | null
}

export type RetentionState = {
  /** The tiers of the host metrics: how long each is kept and what it holds. */
  tiers(): Promise<readonly TierState[]>
  /** What a change of the settings would delete at once, nothing being changed; empty tiers are left out. */
  wouldDelete(settings: RetentionSettings): Promise<readonly WouldDelete[]>
  /** How long each tier of the host metrics would be kept, and what that costs. */
  willKeep(settings: RetentionSettings): Promise<readonly WillKeep[]>
  /** Rolls up what is due, then deletes what is too old. A second call while one runs gets the result of that one. */
  run(): Promise<{ readonly deleted: number; readonly written: number }>
  times(): {
    /** Of the retention, whoever ran it: the clean-up, a change of the settings, or the store by itself. */
    readonly lastRun: string | null
    readonly created: string
    readonly updated: string
  }
  /** Changes settings, as `config.put`, and notes when: the original's page shows it. */
  change(settings: Readonly<Record<string, unknown>>): Promise<Config>
}

export type RetentionDeps = {
  readonly store: Pick<SeriesStore, 'applyRetention' | 'extent' | 'figures' | 'rollUp'>
  readonly accounts: Pick<Accounts, 'config' | 'facts'>
  readonly clock: Clock
}

/** Megabytes of 10^6 bytes to three places: a small store does not read as empty. */
export const megabytes = (bytes: number): number => Math.round(bytes / 1_000) / 1_000

export const createRetentionState = async (deps: RetentionDeps): Promise<RetentionState> => {
  const { store, accounts, clock } = deps
  const { facts, config } = accounts
  const now = () => toIso(clock.now())
  if (facts.get(RETENTION_FACTS.created) === null) await facts.set(RETENTION_FACTS.created, now())
  let running: Promise<{ deleted: number; written: number }> | undefined

  const runOnce = async () => {
    const written = await store.rollUp()
    const deletions = await store.applyRetention(retentionPolicy(config.get()))
    return { deleted: deletions.reduce((sum, { points }) => sum + points, 0), written }
  }

  const tiersOf = (settings: RetentionSettings): Promise<readonly TierState[]> =>
    Promise.all(
      retentionPolicy(settings)
        .filter(({ dataset }) => dataset === 'metrics')
        .map(async (rule) => ({ rule, extent: await store.extent(rule.dataset, rule.tier) })),
    )

  return {
    tiers: () => tiersOf(config.get()),
    willKeep: async (settings) =>
      (await tiersOf(settings)).map(({ rule, extent }) => ({
        interval: rule.tier,
        retention_days: rule.days,
        mb_per_day: megabytesADay(extent),
      })),
    async wouldDelete(settings) {
      const deletions = await store.applyRetention(retentionPolicy(settings), { preview: true })
      return deletions
        .filter(({ points }) => points > 0)
        .map(({ dataset, tier, points, bytes }) => ({
          dataset,
          interval: tier,
          points,
          size_mb: megabytes(bytes),
        }))
    },
    run() {
      running ??= runOnce().finally(() => {
        running = undefined
      })
      return running
    },
    times() {
      const created = facts.get(RETENTION_FACTS.created) ?? now()
      const { lastRetention } = store.figures()
      return {
        lastRun: lastRetention === null ? null : toIso(lastRetention),
        created,
        updated: facts.get(RETENTION_FACTS.updated) ?? created,
      }
    },
    async change(settings) {
      const before = JSON.stringify(config.get())
      const after = await config.put(settings)
      if (JSON.stringify(after) !== before) await facts.set(RETENTION_FACTS.updated, now())
      return after
    },
  }
}

/** Less than an hour of data says nothing of a day. */
const LEAST_SPAN = HOUR

const megabytesADay = ({ oldest, newest, bytes }: Extent): number | null => {
  const length = oldest === null || newest === null ? 0 : newest - oldest
  return length < LEAST_SPAN ? null : megabytes((bytes * DAY) / length)
}

/** The oldest and the newest of several times; null where there is none. */
export const span = (
  extents: readonly Extent[],
): { readonly oldest: Instant | null; readonly newest: Instant | null } => ({
  oldest: least(extents.map(({ oldest }) => oldest)),
  newest: most(extents.map(({ newest }) => newest)),
})

const least = (times: readonly (Instant | null)[]): Instant | null =>
  times.reduce((a, b) => (a === null || (b !== null && b < a) ? b : a), null)
const most = (times: readonly (Instant | null)[]): Instant | null =>
  times.reduce((a, b) => (a === null || (b !== null && b > a) ? b : a), null)
