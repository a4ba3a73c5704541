import { findSeries } from '../catalog/catalog.ts'
import { layoutTag, type Fold, type Metric } from '../catalog/metric.ts'
import type { Subject } from './subject.ts'
import type { Table, TableSeries } from './table.ts'

/** One value per window that a comparison is made of, and how many raw values each stands for. */
export type Track = { readonly values: Float64Array; readonly counts: Float64Array | undefined }

export type ComparedField = {
  /** Its path in the JSON: `usage_percent`, `io.read_bytes_per_sec`, `interfaces.eth0.drops_in`. */
  readonly name: string
  readonly fold: Fold
  /** The field in a table; undefined where the table has no such series. */
  readonly track: (table: Table) => Track | undefined
}

/** Fields of named things (disks, mounts) are compared up to this many in all; the whole host's always are. */
const MOST_FIELDS = 256

/**
 * The fields of a subject that two tables are compared by: each of the whole host; of numbered things (cores) the mean
 * over them; of named things each by itself, in the order of their names.
 */
export const comparedFields = (
  subject: Subject,
  tables: readonly Table[],
): readonly ComparedField[] => {
  const fields =
    subject.kind === 'metric' ? metricFields(subject.metric, tables) : pushedFields(tables)
  return fields.slice(0, MOST_FIELDS)
}

/** The track of one field of an `object` series. */
export const fieldTrack = (table: Table, measurement: string, field: string): Track | undefined =>
  trackOf(
    table.series.find((one) => one.measurement === measurement),
    field,
  )

const trackOf = (series: TableSeries | undefined, field: string): Track | undefined => {
  const column = series?.fields[field]
  return column === undefined ? undefined : { values: column.value, counts: column.n }
}

const metricFields = (metric: Metric, tables: readonly Table[]): readonly ComparedField[] => {
  const kinds = { object: [], columns: [], map: [] } as Record<
    'object' | 'columns' | 'map',
    ComparedField[]
  >
  for (const { measurement, layout, fields } of metric.series) {
    const named = Object.entries(fields)
    switch (layout.kind) {
      case 'object':
        for (const [field, { fold }] of named)
          kinds.object.push({
            name: [...layout.at, field].join('.'),
            fold,
            track: (table) => fieldTrack(table, measurement, field),
          })
        break
      case 'columns':
        for (const [field, { fold, json }] of named)
          kinds.columns.push({
            name: json?.[0]?.join('.') ?? field,
            fold,
            track: (table) => meanTrack(table, measurement, field),
          })
        break
      case 'map':
        for (const key of keysOf(tables, measurement))
          for (const [field, { fold }] of named)
            kinds.map.push({
              name: [...layout.at, key, field].join('.'),
              fold,
              track: (table) =>
                trackOf(
                  table.series.find((one) => one.measurement === measurement && keyOf(one) === key),
                  field,
                ),
            })
    }
  }
  return [...kinds.object, ...kinds.columns, ...kinds.map]
}

const pushedFields = (tables: readonly Table[]): readonly ComparedField[] => {
  const fields = new Map<string, ComparedField>()
  for (const { series } of tables)
    for (const { tags, fields: columns } of series)
      for (const field of Object.keys(columns)) {
        const label = labelOf(tags)
        const name = label === '' ? field : `${field}{${label}}`
        fields.set(name, {
          name,
          fold: 'mean',
          track: (table) =>
            trackOf(
              table.series.find((one) => labelOf(one.tags) === label),
              field,
            ),
        })
      }
  return [...fields.keys()].toSorted().flatMap((name) => fields.get(name) ?? [])
}

const labelOf = (tags: TableSeries['tags']): string =>
  Object.entries(tags)
    .map(([name, value]) => `${name}=${value}`)
    .toSorted()
    .join(',')

const keyOf = ({ measurement, tags }: TableSeries): string | undefined => {
  const layout = findSeries(measurement)?.layout
  return layout === undefined ? undefined : tags[layoutTag(layout) ?? '']
}

const keysOf = (tables: readonly Table[], measurement: string): readonly string[] => {
  const series = tables.flatMap((table) => table.series)
  const keys = series.flatMap((one) => (one.measurement === measurement ? (keyOf(one) ?? []) : []))
  return [...new Set(keys)].toSorted()
}

/** The mean over the things that have a value in the window. */
const meanTrack = (table: Table, measurement: string, field: string): Track | undefined => {
  const columns = table.series.flatMap((one) =>
    one.measurement === measurement ? (one.fields[field] ?? []) : [],
  )
  if (columns.length === 0) return undefined
  const values = new Float64Array(table.at.length)
  const counts = new Float64Array(table.at.length)
  for (let row = 0; row < values.length; row++) {
    let sum = 0
    let known = 0
    for (const { value, n } of columns) {
      const one = value[row] ?? Number.NaN
      if (Number.isNaN(one)) continue
      sum += one
      known += 1
      counts[row] = Math.max(counts[row] ?? 0, n?.[row] ?? 1)
    }
    values[row] = known === 0 ? Number.NaN : sum / known
  }
  return { values, counts }
}
