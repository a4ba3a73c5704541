import { eventDuration, log, LOG_LEVELS } from '../../../src/catalog/records.ts'
import { chosen, PREFIX, tagValues } from './flux.ts'
import { dashboard } from './frame.ts'
import {
  choiceVariable,
  dataSourceVariable,
  panel,
  prefixVariable,
  queryVariable,
  textVariable,
} from './panels.ts'

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

export const records = dashboard({
  uid: 'perfwatch-records',
  title: 'PerfWatch: Logs and events',
  description: 'What clients send: timing events of projects, and log lines.',
  hasBoots: false,
  variables: [
    dataSourceVariable,
    prefixVariable,
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
