/** The resolutions that are kept, finest first. `raw` is one row per sample. */
export const TIERS = ['raw', '1m', '5m', '1h'] as const
export type Tier = (typeof TIERS)[number]

export const ROLLUP_TIERS = ['1m', '5m', '1h'] as const satisfies readonly Tier[]
export type RollupTier = (typeof ROLLUP_TIERS)[number]

/** Window length of a rollup tier in milliseconds; windows are epoch-aligned and labelled by their start. */
export const TIER_MS: Readonly<Record<RollupTier, number>> = {
  '1m': 60_000,
  '5m': 300_000,
  '1h': 3_600_000,
}

/** What stands beside a mean-folded field on a rollup tier: `usage_percent_min` and so on. */
export const ROLLUP_SUFFIXES = ['_min', '_max', '_n'] as const
