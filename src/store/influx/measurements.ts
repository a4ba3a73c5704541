import type { Dataset } from '../../catalog/datasets.ts'
import { bucketName } from './buckets.ts'
import { ALL_TIME } from './ends.ts'
import { text, time } from './flux-text.ts'
import type { Collector } from './queries.ts'

/** The measurements of a dataset, out of the index. */
export const measurementsScript = (prefix: string, dataset: Dataset): string =>
  `import "influxdata/influxdb/schema"

schema.tagValues(
    bucket: ${text(bucketName(prefix, { dataset, tier: 'raw' }))},
    tag: "_measurement",
    predicate: (r) => true,
    start: ${time(ALL_TIME.from)},
    stop: ${time(ALL_TIME.to)},
)`

export const collectNames = (): Collector<readonly string[]> => {
  const names = new Set<string>()
  return {
    row: (values, meta) => {
      const column = meta.columns.find(({ label }) => label === '_value')
      const name = column && values[column.index]
      if (name !== undefined && name !== '') names.add(name)
    },
    answer: () => [...names].toSorted(),
  }
}
