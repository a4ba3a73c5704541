import { METRICS } from '../../src/catalog/catalog.ts'
import { DATASETS, DATASET_TIERS } from '../../src/catalog/datasets.ts'
import type { Field, JsonPath, Layout, Metric, Series } from '../../src/catalog/metric.ts'
import { layoutTag } from '../../src/catalog/metric.ts'
import { ROLLUP_SUFFIXES, ROLLUP_TIERS, TIER_MS } from '../../src/catalog/tiers.ts'
import type { Generator } from '../generate.ts'
import { code, madeFrom, table } from './markdown.ts'

/** What each metric measures: for people who query the store or read the JSON. */
export const metricsPage: Generator = {
  file: 'docs/metrics.md',
  make: () =>
    [
      madeFrom('src/catalog/'),
      '',
      '# Metrics',
      '',
      'What PerfWatch measures, under which names it is kept, and where it stands in the JSON of a live frame',
      '(history answers with the same object for each window). What could not be read is `null`, never 0.',
      '',
      ...METRICS.flatMap(metricSection),
      ...tiers(),
      ...datasets(),
    ].join('\n'),
}

const metricSection = (metric: Metric): readonly string[] => [
  `## ${metric.title}: ${code(metric.name)}`,
  '',
  metric.help,
  '',
  `In one number: ${metric.primary.map(primaryText).join(', else ')}.${listedText(metric)}`,
  '',
  ...metric.series.flatMap((series) => seriesTable(metric, series)),
]

const primaryText = ({ measurement, fields }: Metric['primary'][number]): string =>
  fields.map((field) => code(`${measurement}.${field}`)).join(' + ')

const listedText = ({ listed }: Metric): string =>
  listed === 'extra' ? ' The list of metric types shows it with `all=true`.' : ''

const seriesTable = (metric: Metric, series: Series): readonly string[] => {
  const tag = layoutTag(series.layout)
  const tags = tag === undefined ? '`host`' : `\`host\`, ${code(tag)}`
  return [
    `### Measurement ${code(series.measurement)} (tags ${tags})`,
    '',
    ...table(
      ['field', 'unit', 'fold', 'in the JSON', 'what it is'],
      Object.entries(series.fields).map(([name, field]) => [
        code(name),
        field.unit,
        field.fold,
        pathsOf(metric, series.layout, name, field).map(code).join(', '),
        field.help,
      ]),
    ),
    '',
  ]
}

/** Where the field lands in the live frame; `<name>` stands for the tag's value. */
const pathsOf = (metric: Metric, layout: Layout, name: string, field: Field): readonly string[] =>
  (field.json ?? [[name]]).map((path) => {
    const root = metric.objects === undefined ? [metric.name] : []
    switch (layout.kind) {
      case 'object':
        return pathText([...root, ...layout.at, ...path])
      case 'columns':
        return `${pathText([...root, ...path])}[${layout.tag}]`
      case 'map':
        return pathText([...root, ...layout.at, `<${layout.tag}>`, ...path])
    }
  })

const pathText = (path: JsonPath): string =>
  path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .slice(1)

const tiers = (): readonly string[] => [
  '## Tiers',
  '',
  'One row per sample is kept `raw`; windows of it on coarser tiers, aligned to the epoch in UTC and labelled by',
  'their start. A window is folded field by field as the tables say.',
  '',
  ...table(
    ['tier', 'window'],
    [
      [code('raw'), 'one sample'],
      ...ROLLUP_TIERS.map((tier) => [code(tier), `${TIER_MS[tier] / 1_000} s`]),
    ],
  ),
  '',
  `Beside a field folded by mean stand ${ROLLUP_SUFFIXES.map((suffix) => code(`<field>${suffix}`)).join(', ')}: the`,
  'extremes of the window and how many samples it holds.',
  '',
]

const datasets = (): readonly string[] => [
  '## Datasets',
  '',
  'A dataset says how long its series live and which tiers they have.',
  '',
  ...table(
    ['dataset', 'tiers'],
    DATASETS.map((dataset) => [code(dataset), DATASET_TIERS[dataset].map(code).join(', ')]),
  ),
  '',
]
