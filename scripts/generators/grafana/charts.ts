import type { Panel } from '@grafana/schema'
import {
  layoutTag,
  type Fold,
  type Metric,
  type Series,
  type Unit,
} from '../../../src/catalog/metric.ts'
import { seriesOver } from './flux.ts'
import { panel, UNIT_IDS, type PanelFacts } from './panels.ts'

/** The tag that tells the rows of a series apart, if any. */
export const tagsOf = ({ layout }: Series): readonly string[] => {
  const tag = layoutTag(layout)
  return tag === undefined ? [] : [tag]
}

/** Without a tag a line is called by its field, else by what the tag says. */
const legendOf = (series: Series): string => {
  const [tag] = tagsOf(series)
  return tag === undefined ? '${__field.labels._field}' : `\${__field.labels.${tag}}`
}

type Group = { readonly unit: Unit; readonly fold: Fold; readonly fields: readonly string[] }

/** Of one row the fields of a unit together; of rows by name each field by itself. */
export const groupsOf = (series: Series): readonly Group[] => {
  const fields = Object.entries(series.fields).filter(([, { fold }]) => fold !== 'last')
  if (tagsOf(series).length > 0)
    return fields.map(([name, { unit, fold }]) => ({ unit, fold, fields: [name] }))
  const groups = new Map<string, { unit: Unit; fold: Fold; fields: string[] }>()
  for (const [name, { unit, fold }] of fields) {
    const key = `${unit} ${fold}`
    const group = groups.get(key) ?? { unit, fold, fields: [] }
    groups.set(key, group)
    group.fields.push(name)
  }
  return [...groups.values()]
}

const helpOf = (series: Series, fields: readonly string[]): string =>
  fields.map((name) => `${name}: ${series.fields[name]?.help ?? ''}`).join('\n')

const titleOf = (metric: Metric, series: Series, { unit, fields }: Group): string => {
  const [tag] = tagsOf(series)
  const name = fields.length === 1 ? fields[0]?.replaceAll('_', ' ') : unit
  return tag === undefined ? `${metric.title}: ${name}` : `${metric.title}: ${name} by ${tag}`
}

/** A chart of a group of fields. */
export const chartOf = (
  metric: Metric,
  series: Series,
  group: Group,
  more: Partial<PanelFacts> = {},
): Panel =>
  panel({
    title: titleOf(metric, series, group),
    unit: UNIT_IDS[group.unit],
    description: helpOf(series, group.fields),
    legend: legendOf(series),
    queries: [
      seriesOver({
        measurement: series.measurement,
        fields: group.fields,
        fold: group.fold,
        tags: tagsOf(series),
      }),
    ],
    ...more,
  })

/** What says most of a metric. */
export const mainOf = (metric: Metric): readonly { series: Series; group: Group }[] =>
  metric.primary.flatMap(({ measurement, fields }) => {
    const series = metric.series.find((one) => one.measurement === measurement)
    const [first] = fields
    if (series === undefined || first === undefined) return []
    const { unit = 'count', fold = 'mean' } = series.fields[first] ?? {}
    return [{ series, group: { unit, fold, fields } }]
  })
