import { findSeries } from '../catalog/catalog.ts'
import { layoutTag } from '../catalog/metric.ts'
import type { Point } from './point.ts'
import type { Row, Sample } from './sample.ts'

/** The points of a sample: fields that could not be read are left out, rows without any are too. */
export const toPoints = (sample: Sample): readonly Point[] => {
  const points: Point[] = []
  for (const reading of Object.values(sample.readings)) {
    if (reading.kind !== 'ok') continue
    for (const row of reading.rows) {
      const fields = measured(row.fields)
      if (fields === undefined) continue
      points.push({
        measurement: row.measurement,
        tags: tagsOf(row, sample.host),
        fields,
        at: sample.at,
      })
    }
  }
  return points
}

const tagsOf = (row: Row, host: string) => {
  const series = findSeries(row.measurement)
  const tag = series === undefined ? undefined : layoutTag(series.layout)
  return tag === undefined || row.key === undefined ? { host } : { host, [tag]: row.key }
}

const measured = (fields: Row['fields']): Record<string, number> | undefined => {
  const kept: Record<string, number> = {}
  let any = false
  for (const name in fields) {
    const value = fields[name]
    if (value === null || value === undefined || !Number.isFinite(value)) continue
    kept[name] = value
    any = true
  }
  return any ? kept : undefined
}
