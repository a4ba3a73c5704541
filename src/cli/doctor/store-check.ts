import { DATASET_TIERS, DATASETS, type Dataset } from '../../catalog/datasets.ts'
import { toIso } from '../../points/instant.ts'
import type { StoreNote } from '../../serve/open-store.ts'
import type { SeriesStore } from '../../store/store.ts'
import { formatValue } from '../text/value.ts'
import { formatTime } from '../text/when.ts'
import { absent, broken, note, ok, type Check, type Finding } from './finding.ts'

export type StoreToCheck = {
  readonly exists: () => Promise<boolean>
  /** What is wrong with its file; null: nothing, or it has none. */
  readonly damage: () => Promise<string | null>
  readonly notes: () => Promise<readonly StoreNote[]>
  readonly open: () => Promise<SeriesStore>
}

/** The series store: whether it is whole, what it complains about, and what is in it. */
export const storeCheck = ({ exists, damage, notes, open }: StoreToCheck): Check => ({
  name: 'Store',
  run: async () => {
    if (!(await exists())) return [absent('Store', 'nothing is stored yet')]
    const wrong = await damage()
    if (wrong !== null)
      return [
        broken(
          'Store',
          `The file is damaged: ${wrong}.`,
          'Stop the server and restore a backup of series.db.',
        ),
      ]
    const store = await open()
    try {
      return [
        ok('Store', STANDS[store.health().kind]),
        ...(await notes()).map(({ says, advice }) => note('Store', says, advice)),
        ...store.health().problems.map((problem) => problemFinding(problem)),
        ...(await contentsOf(store)),
      ]
    } finally {
      await store.close()
    }
  },
})

const STANDS = { embedded: 'the file is whole', influx: 'InfluxDB answers' } as const

// the store's sentences say themselves what to do
const problemFinding = (says: string): Finding => ({ check: 'Store', state: 'broken', says })

const contentsOf = async (store: SeriesStore): Promise<readonly Finding[]> => {
  const findings: Finding[] = []
  for (const dataset of DATASETS)
    for (const tier of DATASET_TIERS[dataset]) {
      const { oldest, newest, bytes, points } = await store.extent(dataset, tier)
      if (points === 0 || oldest === null || newest === null) continue
      const span = `${formatTime(toIso(oldest))} … ${formatTime(toIso(newest))}`
      findings.push(
        ok(
          nameOf(dataset, tier),
          `${formatValue(points, 'count')} points, ${formatValue(bytes, 'bytes')}, ${span}`,
        ),
      )
    }
  return findings
}

const nameOf = (dataset: Dataset, tier: string): string =>
  DATASET_TIERS[dataset].length > 1 ? `${dataset} ${tier}` : dataset
