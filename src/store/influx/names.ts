import { cleanField, cleanName } from '../../points/line-protocol.ts'
import type { Point, Tags } from '../../points/point.ts'

/**
 * Names of tags that InfluxDB refuses with the whole batch, or that its queries take for something of their own: a tag
 * `_time` makes every query of its bucket panic, `$` means the value.
 */
const TAKEN_TAGS: ReadonlySet<string> = new Set([
  'time',
  '_time',
  '_value',
  '_field',
  '_measurement',
  '_start',
  '_stop',
  'result',
  'table',
  '$',
])

/** A tag's name as it stands in InfluxDB: cleaned, and with `_` behind where the name is taken. */
export const tagName = (name: string): string => {
  const clean = cleanName(name)
  return TAKEN_TAGS.has(clean) ? `${clean}_` : clean
}

/** A field's name as it stands in InfluxDB: only `time` is taken. */
export const fieldName = (name: string): string => {
  const clean = cleanField(name)
  return clean === 'time' ? 'time_' : clean
}

/** Tags as they stand in InfluxDB, to ask for what was written with these. */
export const storedTags = (tags: Tags): Tags =>
  Object.fromEntries(
    Object.entries(tags).map(([name, value]) => [tagName(name), cleanName(value)] as const),
  )

/** The point under names that InfluxDB can hold; nearly always the point itself. */
export const storable = <
  Row extends Pick<Point, 'tags'> & { readonly fields: Readonly<Record<string, unknown>> },
>(
  point: Row,
): Row => {
  const tags = Object.keys(point.tags).some((name) => TAKEN_TAGS.has(cleanName(name)))
  const fields = 'time' in point.fields
  if (!tags && !fields) return point
  return {
    ...point,
    tags: tags ? storedTags(point.tags) : point.tags,
    fields: fields
      ? Object.fromEntries(
          Object.entries(point.fields).map(([name, value]) => [fieldName(name), value]),
        )
      : point.fields,
  }
}
