import type { Accounts } from '../accounts/accounts.ts'
import type { Config } from '../accounts/config.ts'
import type { Tier } from '../catalog/tiers.ts'
import type { Dataset } from '../catalog/datasets.ts'
import type { Clock } from '../points/clock.ts'
import { toIso, type Instant } from '../points/instant.ts'
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

export type RetentionState = {
  /** The tiers of the host metrics: how long each is kept and what it holds. */
  tiers(): Promise<readonly TierState[]>
  /** What a change of the settings would delete at once, nothing being changed; empty tiers are left out. */
  wouldDelete(settings: RetentionSettings): Promise<readonly WouldDelete[]>
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

  return {
    tiers: () => {
      const rules = retentionPolicy(config.get()).filter(({ dataset }) => dataset === 'metrics')
      return Promise.all(
        rules.map(async (rule) => ({ rule, extent: await store.extent(rule.dataset, rule.tier) })),
      )
    },
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
