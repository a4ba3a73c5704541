import { DATASET_TIERS, type Dataset } from '../../catalog/datasets.ts'
import type { Tier } from '../../catalog/tiers.ts'
import { instant } from '../../points/instant.ts'
import type { Extent } from '../store.ts'
import { findShelf, type Shelf } from './buckets.ts'
import type { CountBook } from './counts.ts'
import type { Ends, EndsBook } from './ends.ts'
import type { Sizes } from './sizes.ts'

/** What a row is taken to need while InfluxDB has not measured its files yet. */
const GUESSED_BYTES_A_ROW = 40

type Parts = {
  readonly ends: EndsBook
  readonly counts: CountBook
  readonly sizes: Sizes
  readonly bucketId: (shelf: Shelf) => string
  readonly horizon: (dataset: Dataset, tier: Tier) => number | null
}

const NOTHING: Extent = { oldest: null, newest: null, bytes: 0, points: 0 }

/** What one tier of a dataset holds: all hosts together. */
export const createExtents =
  ({ ends, counts, sizes, bucketId, horizon }: Parts) =>
  async (dataset: Dataset, tier: Tier): Promise<Extent> => {
    const shelf = findShelf(dataset, tier)
    if (shelf === undefined || !DATASET_TIERS[dataset].includes(tier)) return NOTHING
    const span = cut(spanOf([...(await ends.byHost(shelf)).values()]), horizon(dataset, tier))
    if (span === undefined) return NOTHING
    const [points, measured] = await Promise.all([counts.of(shelf), sizes.of(bucketId(shelf))])
    return {
      oldest: instant(span.first),
      newest: instant(span.last),
      bytes: measured > 0 ? measured : points * GUESSED_BYTES_A_ROW,
      points,
    }
  }

/** From the first to the last of all; undefined: there is none. */
export const spanOf = (all: readonly Ends[]): Ends | undefined =>
  all.length === 0
    ? undefined
    : {
        first: all.reduce((least, { first }) => Math.min(least, first), Infinity),
        last: all.reduce((most, { last }) => Math.max(most, last), -Infinity),
      }

/** What of it can be read. */
export const cut = (span: Ends | undefined, horizon: number | null): Ends | undefined => {
  if (span === undefined || horizon === null) return span
  return span.last < horizon ? undefined : { ...span, first: Math.max(span.first, horizon) }
}
