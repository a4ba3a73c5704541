import type { Dataset } from '../../catalog/datasets.ts'
import { DATASET_TIERS } from '../../catalog/datasets.ts'
import type { Tier } from '../../catalog/tiers.ts'

/** One dataset on one tier: what a bucket holds. */
export type Shelf = { readonly dataset: Dataset; readonly tier: Tier }

/** Every bucket that we use. */
export const SHELVES: readonly Shelf[] = Object.entries(DATASET_TIERS).flatMap(([dataset, tiers]) =>
  tiers.map((tier) => ({ dataset: dataset as Dataset, tier })),
)

/** `perfwatch`, `perfwatch_1m`, `perfwatch_pushed`: people query these names. */
export const bucketName = (prefix: string, { dataset, tier }: Shelf): string => {
  if (dataset !== 'metrics') return `${prefix}_${dataset}`
  return tier === 'raw' ? prefix : `${prefix}_${tier}`
}

export const findShelf = (dataset: Dataset, tier: Tier): Shelf | undefined =>
  SHELVES.find((shelf) => shelf.dataset === dataset && shelf.tier === tier)
