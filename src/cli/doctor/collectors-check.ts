import { METRICS } from '../../catalog/catalog.ts'
import type { Metric, Series } from '../../catalog/metric.ts'
import type { Reading, Row, Sample } from '../../points/sample.ts'
import { absent, broken, ok, type Check, type Finding } from './finding.ts'

/** What a sample of this host has, metric by metric. Hardware counters have a check of their own. */
export const collectorsCheck = (takeSample: () => Promise<Sample>): Check => ({
  name: 'Sampling',
  run: async () => {
    const sample = await takeSample()
    return METRICS.filter(({ name }) => name !== 'perf_events').flatMap((metric) => {
      const failed = sample.errors.find((error) => error.collector === metric.name)
      return failed === undefined
        ? findingsOf(metric, sample.readings[metric.name])
        : [
            broken(
              metric.name,
              failed.message,
              'See whether HOST_PROC, HOST_SYS and HOST_ROOT name what they should.',
            ),
          ]
    })
  },
})

const findingsOf = (metric: Metric, reading: Reading | undefined): readonly Finding[] => {
  if (reading === undefined)
    return [broken(metric.name, 'was not read.', 'Run perfwatch sample to see more.')]
  if (reading.kind === 'unavailable') return [absent(metric.name, reading.reason)]
  const gaps = metric.series.flatMap((series) =>
    gapsOf(
      series,
      reading.rows.filter((row) => row.measurement === series.measurement),
    ).map((gap) => absent(metric.name, gap)),
  )
  const rows = reading.rows.length
  return [ok(metric.name, `${rows} ${rows === 1 ? 'row' : 'rows'}`), ...gaps]
}

/** Fields that are null on purpose in some samples: a second without a read has no read latency. */
const OFTEN_NULL = /_latency_ms$/

const WHY: Readonly<Record<string, string>> = {
  frequency_mhz: 'there is no cpufreq, as is usual in virtual machines',
  temperature_celsius:
    'there is no sensor (hwmon); virtual machines have none, and some boards need a kernel module (sensors-detect names it)',
}

const gapsOf = (series: Series, rows: readonly Row[]): readonly string[] => {
  if (rows.length === 0) return [`there is no ${series.measurement} here`]
  return Object.keys(series.fields)
    .filter((name) => !OFTEN_NULL.test(name))
    .filter((name) => rows.every((row) => (row.fields[name] ?? null) === null))
    .map((name) => `${name} is not measured: ${WHY[name] ?? 'this kernel does not show it'}`)
}
