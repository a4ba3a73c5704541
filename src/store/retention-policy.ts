import { TIERS, TIER_MS, type Tier } from '../catalog/tiers.ts'
import type { RetentionPolicy } from './store.ts'

/** The settings that say how long data is kept; 0 days of a dataset: for ever. */
export type RetentionSettings = {
  readonly retention_days: number
  readonly archive_enabled: boolean
  readonly downsample_after_days: number
  readonly downsample_interval: '5s' | '1m' | '5m' | '1h'
  readonly events_retention_days: number
  readonly logs_retention_days: number
  readonly pushed_retention_days: number
}

/** Every offered comparison (a week against the one before) keeps its resolution this long. */
const COMPARISON_DAYS = 15

const stepOf = (tier: Tier): number => (tier === 'raw' ? 0 : TIER_MS[tier])
const stepOfInterval = (interval: RetentionSettings['downsample_interval']): number =>
  interval === '5s' ? 0 : TIER_MS[interval]

const forEver = (days: number): number | null => (days === 0 ? null : days)

/**
 * Raw is kept `downsample_after_days` (at least a day); tiers finer than `downsample_interval` as long, but
 * at least 15 days and at most `retention_days`; the others `retention_days`; with the archive 1h is kept for good.
 */
export const retentionPolicy = (settings: RetentionSettings): RetentionPolicy => {
  const { retention_days, downsample_after_days } = settings
  const daysOf = (tier: Tier): number | null => {
    if (tier === 'raw') return Math.max(1, downsample_after_days)
    if (tier === '1h' && settings.archive_enabled) return null
    if (stepOf(tier) >= stepOfInterval(settings.downsample_interval)) return retention_days
    return Math.min(retention_days, Math.max(downsample_after_days, COMPARISON_DAYS))
  }
  return [
    ...TIERS.map((tier) => ({ dataset: 'metrics' as const, tier, days: daysOf(tier) })),
    { dataset: 'pushed', tier: 'raw', days: forEver(settings.pushed_retention_days) },
    { dataset: 'events', tier: 'raw', days: forEver(settings.events_retention_days) },
    { dataset: 'logs', tier: 'raw', days: forEver(settings.logs_retention_days) },
    { dataset: 'journal', tier: 'raw', days: null },
  ]
}
