import type { Panel } from '@grafana/schema'
import { findSeries, METRICS } from '../../../src/catalog/catalog.ts'
import type { Metric, Series } from '../../../src/catalog/metric.ts'
import { chartOf, groupsOf, mainOf, tagsOf } from './charts.ts'
import { newestOf, seriesOver, type Asked } from './flux.ts'
import { dashboard } from './frame.ts'
import { choiceVariable, fullness, panel, type PanelFacts } from './panels.ts'
import { common, tagVariables } from './variables.ts'

const metrics: readonly Metric[] = METRICS

const seriesNamed = (measurement: string): Series => {
  const series = findSeries(measurement)
  if (series === undefined) throw new Error(`The catalogue has no measurement ${measurement}.`)
  return series
}

/** What says most of a metric: a chart for each group of its fields. */
const mainCharts = (
  metric: Metric,
  more: (asked: Asked) => Partial<PanelFacts> = () => ({}),
): readonly Panel[] =>
  mainOf(metric).map(({ series, group }, place, all) => {
    const title = all.length === 1 ? metric.title : `${metric.title} (${place + 1})`
    const asked = { measurement: series.measurement, fields: group.fields, fold: group.fold }
    return chartOf(metric, series, group, { title, ...more(asked) })
  })

const filesystem = seriesNamed('filesystem')

export const overview = dashboard({
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
    ...metrics.flatMap((metric) => mainCharts(metric)),
  ],
})

export const inDepth = dashboard({
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

export const compare = dashboard({
  uid: 'perfwatch-compare',
  title: 'PerfWatch: Compare',
  description:
    'What is shown, and dashed the same before. PerfWatch itself says whether a difference is more than chance.',
  from: 'now-24h',
  variables: [...common, choiceVariable(SHIFT, 'Compared with', ['1d', '7d', '14d', '28d'])],
  parts: metrics.flatMap((metric) =>
    mainCharts(metric, (asked) => ({
      dashed: ' before',
      queries: [seriesOver(asked), seriesOver({ ...asked, shiftedBy: SHIFT, suffix: ' before' })],
    })),
  ),
})
