import { cpu } from './cpu.ts'
import { disk } from './disk.ts'
import { host } from './host.ts'
import { memoryBandwidth } from './memory-bandwidth.ts'
import { memory } from './memory.ts'
import type { Field, Metric, Series } from './metric.ts'
import { network } from './network.ts'
import { perfEvents } from './perf-events.ts'
import { pressure } from './pressure.ts'

/** Every metric; adding one is one line here, its file beside, and its collector. */
export const METRICS = [
  cpu,
  memory,
  network,
  disk,
  perfEvents,
  memoryBandwidth,
  pressure,
  host,
] as const satisfies readonly Metric[]

export type MetricName = (typeof METRICS)[number]['name']

export const METRIC_NAMES: readonly MetricName[] = METRICS.map((metric) => metric.name)

/** The six names of the REST contract, in alphabetical order. */
export const CONTRACT_METRICS: readonly MetricName[] = METRICS.filter(
  (metric) => metric.listed === 'contract',
)
  .map((metric) => metric.name)
  .toSorted()

const byName = new Map<string, Metric>(METRICS.map((metric) => [metric.name, metric]))

/** Names that the seeds use for a metric of another name. */
const ALIASES: Readonly<Record<string, MetricName>> = { perf: 'perf_events' }

/** The metric that a person means by `name` (`perf` is `perf_events`), or undefined. */
export const findMetric = (name: string): Metric | undefined =>
  byName.get(name) ?? byName.get(ALIASES[name] ?? '')

/** The metric of a name that the compiler knows. */
export const metricOf = (name: MetricName): Metric => {
  const metric = byName.get(name)
  if (metric === undefined) throw new Error(`The catalogue has no metric ${name}.`)
  return metric
}

const seriesByMeasurement = new Map<string, Series>(
  METRICS.flatMap((metric: Metric) => metric.series.map((one) => [one.measurement, one] as const)),
)

export const findSeries = (measurement: string): Series | undefined =>
  seriesByMeasurement.get(measurement)

/** The field of a measurement; undefined for what was pushed and the catalogue does not know. */
export const findField = (measurement: string, field: string): Field | undefined =>
  seriesByMeasurement.get(measurement)?.fields[field]

/** All measurements of the host metrics. */
export const HOST_MEASUREMENTS: readonly string[] = [...seriesByMeasurement.keys()]
