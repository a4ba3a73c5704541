import { disk } from '../../../src/catalog/disk.ts'

/** The data source of grafana/provisioning/datasources. */
export const SOURCE_UID = 'perfwatch'
const BUCKET = 'perfwatch'

type Rule = {
  readonly uid: string
  readonly title: string
  readonly query: string
  /** Fires when the value is on this side of the bar. */
  readonly when: 'gt' | 'lt'
  readonly bar: number
  readonly lasting: string
  readonly summary: string
}

const NO_DATA_IS_WELL = 'OK'
const DAYS_LEFT = 7

const [mounts] = disk.series.filter(({ measurement }) => measurement === 'filesystem')

const percentNow = (measurement: string): string => `from(bucket: "${BUCKET}_1m")
    |> range(start: -15m)
    |> filter(fn: (r) => r._measurement == "${measurement}" and r._field == "usage_percent")
    |> mean()
    |> keep(columns: ["_value", "host"])`

/** What a person wants to be woken for. */
const RULES: readonly Rule[] = [
  {
    uid: 'perfwatch-silent',
    title: 'Host is silent',
    // every host that has sent within a day
    query: `from(bucket: "${BUCKET}_1m")
    |> range(start: -24h)
    |> filter(fn: (r) => r._measurement == "cpu" and r._field == "usage_percent")
    |> last()
    |> map(fn: (r) => ({ host: r.host, _value: float(v: int(v: now()) - int(v: r._time)) / 1000000000.0 }))`,
    when: 'gt',
    bar: 300,
    lasting: '1m',
    summary: '{{ $labels.host }} has sent nothing for {{ printf "%.0f" $values.B.Value }} s.',
  },
  {
    uid: 'perfwatch-disk',
    title: `File system is full within ${DAYS_LEFT} days`,
    // by what it has grown over three days; what shrinks never fills
    query: `import "join"

history = from(bucket: "${BUCKET}_1h")
    |> range(start: -3d)
    |> filter(fn: (r) => r._measurement == "${mounts?.measurement ?? ''}" and r._field == "usage_percent")
    |> keep(columns: ["_time", "_value", "host", "mount"])

first = history |> first() |> map(fn: (r) => ({ host: r.host, mount: r.mount, at: int(v: r._time), had: r._value })) |> group()
newest = history |> last() |> map(fn: (r) => ({ host: r.host, mount: r.mount, at: int(v: r._time), has: r._value })) |> group()

join.inner(
    left: first,
    right: newest,
    on: (l, r) => l.host == r.host and l.mount == r.mount,
    as: (l, r) => ({ host: l.host, mount: l.mount, days: float(v: r.at - l.at) / 86400000000000.0, grown: r.has - l.had, left: 100.0 - r.has }),
)
    |> filter(fn: (r) => r.days > 0.0 and r.grown > 0.0)
    |> map(fn: (r) => ({ host: r.host, mount: r.mount, _value: r.left * r.days / r.grown }))
    |> group(columns: ["host", "mount"])`,
    when: 'lt',
    bar: DAYS_LEFT,
    lasting: '1h',
    summary:
      '{{ $labels.mount }} of {{ $labels.host }} is full in {{ printf "%.1f" $values.B.Value }} days.',
  },
  {
    uid: 'perfwatch-cpu',
    title: 'CPU is busy',
    query: percentNow('cpu'),
    when: 'gt',
    bar: 90,
    lasting: '15m',
    summary: 'The CPU of {{ $labels.host }} is at {{ printf "%.0f" $values.B.Value }} %.',
  },
  {
    uid: 'perfwatch-memory',
    title: 'Memory is nearly full',
    query: percentNow('memory'),
    when: 'gt',
    bar: 95,
    lasting: '10m',
    summary: 'The memory of {{ $labels.host }} is at {{ printf "%.0f" $values.B.Value }} %.',
  },
  {
    uid: 'perfwatch-tier',
    title: 'Windows of an hour are behind',
    query: `from(bucket: "${BUCKET}_1h")
    |> range(start: -7d)
    |> filter(fn: (r) => r._measurement == "cpu" and r._field == "usage_percent")
    |> last()
    |> group()
    |> max(column: "_time")
    |> map(fn: (r) => ({ _value: float(v: int(v: now()) - int(v: r._time)) / 3600000000000.0 }))`,
    when: 'gt',
    bar: 3,
    lasting: '10m',
    summary:
      'The newest window of 1h is {{ printf "%.1f" $values.B.Value }} hours old: see perfwatch doctor.',
  },
]

const node = (refId: string, model: object) => ({
  refId,
  relativeTimeRange: { from: 0, to: 0 },
  datasourceUid: '__expr__',
  model: { refId, ...model },
})

const ruleOf = ({ uid, title, query, when, bar, lasting, summary }: Rule) => ({
  uid,
  title,
  condition: 'C',
  for: lasting,
  noDataState: NO_DATA_IS_WELL,
  execErrState: 'Error',
  annotations: { summary },
  labels: { source: 'perfwatch' },
  data: [
    {
      refId: 'A',
      relativeTimeRange: { from: 604_800, to: 0 },
      datasourceUid: SOURCE_UID,
      model: { refId: 'A', query, intervalMs: 60_000, maxDataPoints: 1_000 },
    },
    node('B', { type: 'reduce', expression: 'A', reducer: 'last' }),
    node('C', {
      type: 'threshold',
      expression: 'B',
      conditions: [{ evaluator: { type: when, params: [bar] } }],
    }),
  ],
})

/** As a Grafana reads it at its start. */
export const ALERTS = {
  apiVersion: 1,
  groups: [
    {
      orgId: 1,
      name: 'perfwatch',
      folder: 'PerfWatch',
      interval: '1m',
      rules: RULES.map(ruleOf),
    },
  ],
}
