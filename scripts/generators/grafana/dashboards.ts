import type { Dashboard, Panel, VariableModel } from '@grafana/schema'
import { findSeries, METRICS } from '../../../src/catalog/catalog.ts'
import {
  layoutTag,
  type Fold,
  type Metric,
  type Series,
  type Unit,
} from '../../../src/catalog/metric.ts'
import { eventDuration, log, LOG_LEVELS } from '../../../src/catalog/records.ts'
import { ROLLUP_TIERS } from '../../../src/catalog/tiers.ts'
import { chosen, newestOf, PREFIX, seriesOver, tagValues } from './flux.ts'
import {
  arranged,
  choiceVariable,
  dataSourceVariable,
  fullness,
  panel,
  prefixVariable,
  queryVariable,
  SOURCE,
  steps,
  textVariable,
  UNIT_IDS,
  type PanelFacts,
} from './panels.ts'

const RAW = PREFIX
const host = queryVariable({
  name: 'host',
  label: 'Host',
  query: tagValues(RAW, 'host'),
  isMulti: false,
})

/** A variable for each tag that tells the rows of a series apart: interface, device, mount, core. */
const tagVariables = (metrics: readonly Metric[]): readonly VariableModel[] => {
  const tags = new Map<string, string>()
  for (const { series } of metrics)
    for (const { layout, measurement } of series) {
      const tag = layoutTag(layout)
      if (tag !== undefined && !tags.has(tag)) tags.set(tag, measurement)
    }
  return [...tags].map(([name, measurement]) =>
    queryVariable({ name, label: name, query: tagValues(RAW, name, measurement) }),
  )
}

const common = [dataSourceVariable, prefixVariable(), host] as const

const tagsOf = ({ layout }: Series): readonly string[] => {
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
const groupsOf = (series: Series): readonly Group[] => {
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

const chartOf = (
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
const mainOf = (metric: Metric): readonly { series: Series; group: Group }[] =>
  metric.primary.flatMap(({ measurement, fields }) => {
    const series = metric.series.find((one) => one.measurement === measurement)
    const [first] = fields
    if (series === undefined || first === undefined) return []
    const { unit = 'count', fold = 'mean' } = series.fields[first] ?? {}
    return [{ series, group: { unit, fold, fields } }]
  })

const seriesNamed = (measurement: string): Series => {
  const series = findSeries(measurement)
  if (series === undefined) throw new Error(`The catalogue has no measurement ${measurement}.`)
  return series
}

const metrics: readonly Metric[] = METRICS

const mainTitle = (metric: Metric, place: number, of: number): string =>
  of === 1 ? metric.title : `${metric.title} (${place + 1})`

const LINK = { icon: 'external link', tooltip: '', asDropdown: false, tags: [], keepTime: false }

/** The other dashboards with what is chosen here, and PerfWatch's own page with the same host. */
const linksOf = (variables: readonly VariableModel[]) => [
  {
    ...LINK,
    title: 'PerfWatch dashboards',
    type: 'dashboards' as const,
    url: '',
    tags: ['perfwatch'],
    asDropdown: true,
    targetBlank: false,
    includeVars: true,
    keepTime: true,
  },
  {
    ...LINK,
    title: 'PerfWatch',
    type: 'link' as const,
    url: variables.some(({ name }) => name === 'host')
      ? '${page}/?view=history&host=${host}'
      : '${page}/',
    targetBlank: true,
    includeVars: false,
  },
]

const page = textVariable('page', 'PerfWatch’s page', 'http://127.0.0.1:8000')

/** A boot shows as an uptime that has fallen. */
const restarts = {
  name: 'Boots',
  enable: true,
  iconColor: 'orange',
  datasource: SOURCE,
  target: {
    refId: 'Anno',
    query: `from(bucket: "${RAW}_1m")
    |> range(start: v.timeRangeStart, stop: v.timeRangeStop)
    |> filter(fn: (r) => r._measurement == "host" and r._field == "uptime_seconds" and ${chosen('host')})
    |> difference()
    |> filter(fn: (r) => r._value < 0.0)
    |> map(fn: (r) => ({ _time: r._time, title: "Boot", text: r.host }))`,
  },
}

type Facts = {
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly variables: readonly VariableModel[]
  readonly parts: readonly (string | Panel)[]
  readonly from?: string
  readonly hasBoots?: boolean
}

const dashboard = (facts: Facts): Dashboard => ({
  uid: facts.uid,
  title: facts.title,
  description: facts.description,
  tags: ['perfwatch'],
  schemaVersion: 39,
  version: 1,
  editable: true,
  timezone: 'browser',
  refresh: '30s',
  time: { from: facts.from ?? 'now-6h', to: 'now' },
  links: linksOf(facts.variables),
  annotations: { list: facts.hasBoots === false ? [] : [restarts] },
  templating: { list: [...facts.variables, page] },
  panels: arranged(facts.parts),
})

const filesystem = seriesNamed('filesystem')

const overview = dashboard({
  uid: 'perfwatch-overview',
  title: 'PerfWatch: Overview',
  description: 'What says most of each metric of a host.',
  variables: [
    ...common,
    ...tagVariables(metrics.filter(({ name }) => name === 'disk')).filter(
      ({ name }) => name === 'mount',
    ),
  ],
  parts: [
    'Now',
    fullness({
      title: 'CPU',
      type: 'stat',
      width: 4,
      height: 4,
      queries: [newestOf('cpu', ['usage_percent'])],
    }),
    fullness({
      title: 'Memory',
      type: 'stat',
      width: 4,
      height: 4,
      queries: [newestOf('memory', ['usage_percent'])],
    }),
    panel({
      title: 'Load',
      type: 'stat',
      unit: 'short',
      width: 4,
      height: 4,
      queries: [newestOf('cpu', ['load_avg_1'])],
    }),
    panel({
      title: 'Up',
      type: 'stat',
      unit: 's',
      width: 4,
      height: 4,
      queries: [newestOf('host', ['uptime_seconds'])],
    }),
    fullness({
      title: 'File systems',
      type: 'bargauge',
      width: 8,
      height: 4,
      legend: '${__field.labels.mount}',
      queries: [newestOf(filesystem.measurement, ['usage_percent'], tagsOf(filesystem))],
    }),
    'Over time',
    ...metrics.flatMap((metric) => {
      const groups = mainOf(metric)
      return groups.map(({ series, group }, place) =>
        chartOf(metric, series, group, { title: mainTitle(metric, place, groups.length) }),
      )
    }),
  ],
})

const inDepth = dashboard({
  uid: 'perfwatch-host',
  title: 'PerfWatch: Host in depth',
  description: 'Every field of every metric of a host, a row a metric.',
  variables: [...common, ...tagVariables(metrics)],
  parts: metrics.flatMap((metric) => [
    metric.title,
    ...metric.series.flatMap((series) =>
      groupsOf(series).map((group) => chartOf(metric, series, group, { width: 8 })),
    ),
  ]),
})

const SHIFT = 'shift'

const compare = dashboard({
  uid: 'perfwatch-compare',
  title: 'PerfWatch: Compare',
  description:
    'What is shown, and dashed the same before. PerfWatch itself says whether a difference is more than chance.',
  from: 'now-24h',
  variables: [...common, choiceVariable(SHIFT, 'Compared with', ['1d', '7d', '14d', '28d'])],
  parts: metrics.flatMap((metric) => {
    const groups = mainOf(metric)
    return groups.map(({ series, group }, place) => {
      const asked = { measurement: series.measurement, fields: group.fields, fold: group.fold }
      return chartOf(metric, series, group, {
        title: mainTitle(metric, place, groups.length),
        dashed: ' before',
        queries: [seriesOver(asked), seriesOver({ ...asked, shiftedBy: SHIFT, suffix: ' before' })],
      })
    })
  }),
})

/** Seconds since the newest row of a bucket. */
const ageOf = (bucket: string, since: string): string => `from(bucket: "${bucket}")
    |> range(start: -${since})
    |> filter(fn: (r) => r._measurement == "cpu" and r._field == "usage_percent" and ${chosen('host')})
    |> last()
    |> map(fn: (r) => ({ _time: now(), _value: float(v: int(v: now()) - int(v: r._time)) / 1000000000.0, _field: "age", host: r.host }))`

const pipeline = dashboard({
  uid: 'perfwatch-pipeline',
  title: 'PerfWatch: Pipeline',
  description:
    'Whether what is measured arrives: ages, rates and gaps, out of what is stored. Ticks, queues and failures of the process itself are at /metrics, for Prometheus.',
  variables: common,
  hasBoots: false,
  parts: [
    panel({
      title: 'Newest sample',
      type: 'stat',
      unit: 's',
      width: 6,
      height: 5,
      thresholds: steps(30, 300),
      queries: [ageOf(RAW, '1d')],
      legend: 'raw',
    }),
    ...ROLLUP_TIERS.map((tier) =>
      panel({
        title: `Newest window of ${tier}`,
        type: 'stat',
        unit: 's',
        width: 6,
        height: 5,
        legend: tier,
        thresholds:
          tier === '1h'
            ? steps(7_500, 11_000)
            : tier === '5m'
              ? steps(900, 1_800)
              : steps(240, 600),
        queries: [ageOf(`${RAW}_${tier}`, '7d')],
      }),
    ),
    panel({
      title: 'Samples a minute',
      description: 'What each window of a minute was made of; less than usual is a gap.',
      unit: 'short',
      queries: [
        `from(bucket: "${RAW}_1m")
    |> range(start: v.timeRangeStart, stop: v.timeRangeStop)
    |> filter(fn: (r) => r._measurement == "cpu" and r._field == "usage_percent_n" and ${chosen('host')})
    |> aggregateWindow(every: v.windowPeriod, fn: mean, timeSrc: "_start", createEmpty: false)
    |> keep(columns: ["_time", "_value", "host"])`,
      ],
      legend: 'samples',
    }),
    panel({
      title: 'Rows by measurement, last hour',
      type: 'table',
      unit: 'short',
      queries: [
        `from(bucket: "${RAW}")
    |> range(start: -1h)
    |> filter(fn: (r) => ${chosen('host')})
    |> count()
    |> group(columns: ["_measurement"])
    |> sum()`,
      ],
    }),
  ],
})

const { measurement: EVENT } = eventDuration
const EVENTS_BUCKET = `${PREFIX}_${eventDuration.dataset}`
const LOGS_BUCKET = `${PREFIX}_${log.dataset}`

const events = (fn: string, name: string): string => `from(bucket: "${EVENTS_BUCKET}")
    |> range(start: v.timeRangeStart, stop: v.timeRangeStop)
    |> filter(fn: (r) => r._measurement == "${EVENT}" and r._field == "duration_ms" and ${chosen('project')} and ${chosen('metric')})
    |> toFloat()
    |> aggregateWindow(every: v.windowPeriod, fn: ${fn}, createEmpty: false)
    |> set(key: "_field", value: "${name}")
    |> keep(columns: ["_time", "_value", "_field", "project", "metric"])`

const quantile = (q: string): string =>
  `(column, tables=<-) => tables |> quantile(q: ${q}, column: column, method: "exact_mean")`

const EVENT_LEGEND = '${__field.labels.project} ${__field.labels.metric} ${__field.labels._field}'

const recordsDashboard = dashboard({
  uid: 'perfwatch-records',
  title: 'PerfWatch: Logs and events',
  description: 'What clients send: timing events of projects, and log lines.',
  hasBoots: false,
  variables: [
    dataSourceVariable,
    prefixVariable(),
    queryVariable({
      name: 'project',
      label: 'Project',
      query: tagValues(EVENTS_BUCKET, 'project'),
    }),
    queryVariable({ name: 'metric', label: 'Metric', query: tagValues(EVENTS_BUCKET, 'metric') }),
    queryVariable({ name: 'user', label: 'User', query: tagValues(LOGS_BUCKET, 'user') }),
    {
      ...choiceVariable('level', 'Level', LOG_LEVELS),
      multi: true,
      includeAll: true,
      current: { text: ['All'], value: ['$__all'], selected: true },
    },
    textVariable('text', 'Message has'),
  ],
  parts: [
    'Events',
    panel({
      title: 'How long they took',
      unit: 'ms',
      legend: EVENT_LEGEND,
      queries: [events('median', 'median'), events(quantile('0.9'), 'p90')],
    }),
    panel({
      title: 'How many',
      unit: 'short',
      legend: EVENT_LEGEND,
      queries: [events('count', 'count')],
    }),
    'Logs',
    panel({
      title: 'Lines by level',
      unit: 'short',
      width: 24,
      height: 6,
      legend: '${__field.labels.level}',
      queries: [
        `from(bucket: "${LOGS_BUCKET}")
    |> range(start: v.timeRangeStart, stop: v.timeRangeStop)
    |> filter(fn: (r) => r._measurement == "${log.measurement}" and r._field == "msg" and ${chosen('user')} and ${chosen('level')})
    |> aggregateWindow(every: v.windowPeriod, fn: count, createEmpty: false)
    |> group(columns: ["level", "_time"])
    |> sum()
    |> group(columns: ["level"])
    |> sort(columns: ["_time"])`,
      ],
    }),
    panel({
      title: 'The newest 500 lines',
      type: 'logs',
      unit: 'none',
      width: 24,
      height: 14,
      queries: [
        `from(bucket: "${LOGS_BUCKET}")
    |> range(start: v.timeRangeStart, stop: v.timeRangeStop)
    |> filter(fn: (r) => r._measurement == "${log.measurement}" and r._field == "msg" and ${chosen('user')} and ${chosen('level')})
    |> filter(fn: (r) => r._value =~ /(?i)\${text:regex}/)
    |> group()
    |> sort(columns: ["_time"], desc: true)
    |> limit(n: 500)
    |> keep(columns: ["_time", "_value", "level", "user"])`,
      ],
    }),
  ],
})

/** Every dashboard by the name of its file. */
export const DASHBOARDS: ReadonlyMap<string, Dashboard> = new Map([
  ['overview', overview],
  ['host-in-depth', inDepth],
  ['compare', compare],
  ['pipeline', pipeline],
  ['logs-and-events', recordsDashboard],
])
