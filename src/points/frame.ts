import { METRICS } from '../catalog/catalog.ts'
import type { Metric } from '../catalog/metric.ts'
import { toIso } from './instant.ts'
import { layOut, type JsonObject, type LaidRow } from './layout.ts'
import type { Reading, Sample } from './sample.ts'

/** The live frame's `data`: every metric of the catalogue, null where nothing was read. */
export const frameData = (sample: Sample): JsonObject => {
  const data: JsonObject = {}
  for (const metric of METRICS)
    Object.assign(data, readingJson(metric, sample.readings[metric.name]))
  return data
}

/** The live frame of the wire contract. */
export const frame = (sample: Sample) => ({
  type: 'metrics' as const,
  timestamp: toIso(sample.at),
  data: frameData(sample),
})

const readingJson = (metric: Metric, reading: Reading | undefined): JsonObject => {
  if (reading === undefined)
    return layOut(metric, [], 'live', {
      available: false,
      reason: 'The collector gave nothing at this tick.',
    })
  const facts = reading.facts?.slice()
  return reading.kind === 'ok'
    ? layOut(metric, reading.rows.map(laidRow), 'live', { available: true, facts })
    : layOut(metric, [], 'live', { available: false, reason: reading.reason, facts })
}

const laidRow = (row: Extract<Reading, { kind: 'ok' }>['rows'][number]): LaidRow => ({
  measurement: row.measurement,
  key: row.key,
  value: (field) => row.fields[field] ?? null,
})
