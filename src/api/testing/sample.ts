import { METRICS } from '../../catalog/catalog.ts'
import type { Metric, Series } from '../../catalog/metric.ts'
import type { Instant } from '../../points/instant.ts'
import type { Reading, Row, Sample } from '../../points/sample.ts'

/** A sample in which every field of the catalogue has a value; `things` rows (cores, interfaces, …) a series. */
export const fullSample = (host: string, at: Instant, things = 2): Sample => ({
  at,
  host,
  readings: Object.fromEntries(
    METRICS.map((metric: Metric): [string, Reading] => [
      metric.name,
      {
        kind: 'ok',
        rows: metric.series.flatMap((series) => rowsOf(series, things)),
        ...(metric.facts && { facts: metric.facts.map(() => 1) }),
      },
    ]),
  ),
  errors: [],
})

const rowsOf = ({ measurement, layout, fields }: Series, things: number): Row[] => {
  const values = Object.fromEntries(Object.keys(fields).map((name, index) => [name, index + 0.5]))
  if (layout.kind === 'object') return [{ measurement, fields: values }]
  return Array.from({ length: things }, (_, thing) => ({
    measurement,
    key: layout.kind === 'columns' ? String(thing) : `${layout.tag}${thing}`,
    fields: values,
  }))
}
