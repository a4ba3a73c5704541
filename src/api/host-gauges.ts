import { Gauge, type Registry } from 'prom-client'
import { METRICS } from '../catalog/catalog.ts'
import { layoutTag, type Metric, type Series } from '../catalog/metric.ts'
import { toPoints } from '../points/to-points.ts'
import type { Sample } from '../points/sample.ts'

/** `perfwatch_cpu_core_usage_percent`: the measurement and the field as they are called in the store. */
export const gaugeName = (measurement: string, field: string): string =>
  `perfwatch_${measurement}_${field}`

/**
 * A gauge for each field of the catalogue. Gives what puts the newest sample into them: a value that could not
 * be read has no line, as Prometheus wants it.
 */
export const createHostGauges = (registers: Registry[]): ((sample: Sample | null) => void) => {
  const gauges = new Map<string, Gauge>()
  for (const metric of METRICS as readonly Metric[])
    for (const series of metric.series)
      for (const [field, { help, unit }] of Object.entries(series.fields)) {
        const name = gaugeName(series.measurement, field)
        const labelNames = labelsOf(series)
        gauges.set(name, new Gauge({ name, help: `${help} (${unit})`, labelNames, registers }))
      }
  return (sample) => {
    for (const gauge of gauges.values()) gauge.reset()
    if (sample === null) return
    for (const { measurement, tags, fields } of toPoints(sample))
      for (const [field, value] of Object.entries(fields))
        gauges.get(gaugeName(measurement, field))?.set({ ...tags }, value)
  }
}

const labelsOf = ({ layout }: Series): string[] => {
  const tag = layoutTag(layout)
  return tag === undefined ? ['host'] : ['host', tag]
}
