import { ROLLUP_TIERS } from '../../../src/catalog/tiers.ts'
import { chosen, PREFIX } from './flux.ts'
import { dashboard } from './frame.ts'
import { panel, steps } from './panels.ts'
import { common } from './variables.ts'

/** Seconds since the newest row of a bucket. */
const ageOf = (bucket: string, since: string): string => `from(bucket: "${bucket}")
    |> range(start: -${since})
    |> filter(fn: (r) => r._measurement == "cpu" and r._field == "usage_percent" and ${chosen('host')})
    |> last()
    |> map(fn: (r) => ({ _time: now(), _value: float(v: int(v: now()) - int(v: r._time)) / 1000000000.0, _field: "age", host: r.host }))`

export const pipeline = dashboard({
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
      queries: [ageOf(PREFIX, '1d')],
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
        queries: [ageOf(`${PREFIX}_${tier}`, '7d')],
      }),
    ),
    panel({
      title: 'Samples a minute',
      description: 'What each window of a minute was made of; less than usual is a gap.',
      unit: 'short',
      queries: [
        `from(bucket: "${PREFIX}_1m")
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
        `from(bucket: "${PREFIX}")
    |> range(start: -1h)
    |> filter(fn: (r) => ${chosen('host')})
    |> count()
    |> group(columns: ["_measurement"])
    |> sum()`,
      ],
    }),
  ],
})
