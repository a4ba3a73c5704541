import type { Dataset } from '../../catalog/datasets.ts'
import { TIER_MS, type RollupTier, type Tier } from '../../catalog/tiers.ts'
import { DAY, HOUR } from '../../points/instant.ts'

/** Where the rows of one tier of one dataset lie. The numbers are in the file: never change one. */
export type Shelf = {
  readonly id: number
  readonly dataset: Dataset
  readonly tier: Tier
  /** A chunk never crosses a seam of this; about 720 rows at the usual step. */
  readonly chunkMs: number
  /** How often hot rows are merged into the chunk of their span, so that few of them stay. */
  readonly sealEveryMs: number
}

export const RAW: Shelf = {
  id: 0,
  dataset: 'metrics',
  tier: 'raw',
  chunkMs: HOUR,
  sealEveryMs: HOUR,
}

export const PUSHED: Shelf = {
  id: 4,
  dataset: 'pushed',
  tier: 'raw',
  chunkMs: HOUR,
  sealEveryMs: HOUR,
}

export type RollupShelf = Shelf & {
  readonly tier: RollupTier
  readonly windowMs: number
  /** The next finer tier, for windows whose raw rows are gone. */
  readonly finer: Shelf
}

const minute: RollupShelf = {
  id: 1,
  dataset: 'metrics',
  tier: '1m',
  windowMs: TIER_MS['1m'],
  chunkMs: 12 * HOUR,
  sealEveryMs: HOUR,
  finer: RAW,
}
const fiveMinutes: RollupShelf = {
  id: 2,
  dataset: 'metrics',
  tier: '5m',
  windowMs: TIER_MS['5m'],
  chunkMs: 48 * HOUR,
  sealEveryMs: 4 * HOUR,
  finer: minute,
}
const hour: RollupShelf = {
  id: 3,
  dataset: 'metrics',
  tier: '1h',
  windowMs: TIER_MS['1h'],
  chunkMs: 30 * DAY,
  sealEveryMs: DAY,
  finer: fiveMinutes,
}

/** Finest first: a window may be made from the tier before it. */
export const ROLLUPS: readonly RollupShelf[] = [minute, fiveMinutes, hour]
export const SHELVES: readonly Shelf[] = [RAW, ...ROLLUPS, PUSHED]

/** The shelf of a tier of a dataset; undefined: this store does not keep it. */
export const shelfOf = (dataset: Dataset, tier: Tier): Shelf | undefined =>
  SHELVES.find((shelf) => shelf.dataset === dataset && shelf.tier === tier)

/** The shelf that points of a dataset are written to. */
export const rawShelf = (dataset: Dataset): Shelf | undefined => shelfOf(dataset, 'raw')
