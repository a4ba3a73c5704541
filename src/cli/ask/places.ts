import { findMetric } from '../../catalog/catalog.ts'
import type { JsonPath, Layout, Metric, Unit } from '../../catalog/metric.ts'

/** Where a field of the catalogue stands in the JSON of history, and how a person calls it. */
export type Place = {
  readonly unit: Unit
  /** There is one such column per core, interface, device or mount: perhaps hundreds. */
  readonly perThing: boolean
  /** How the paths of its columns begin and end; between them stands the core, the interface, the mount. */
  readonly begin: string
  readonly end: string
  /** The field's name, as `compare` and `sample` have it (`load_avg_1`); of a thing the path is the name. */
  readonly name: string | undefined
}

/** The places of a metric, none of what was pushed. */
const placesOf = (metric: string): readonly Place[] => {
  const found: Metric | undefined = findMetric(metric)
  return (found?.series ?? []).flatMap(({ layout, fields }) =>
    Object.entries(fields).flatMap(([field, { json, unit }]) =>
      (json ?? [[field]]).map((path) => ({
        ...edgesOf(layout, field, found?.objects === undefined ? path : path.slice(1)),
        unit,
      })),
    ),
  )
}

// history answers the union of a metric's objects, without their names
const edgesOf = (layout: Layout, field: string, path: JsonPath): Omit<Place, 'unit'> => {
  switch (layout.kind) {
    case 'object': {
      const name = [...layout.at, field].join('.')
      return { begin: [...layout.at, ...path].join('.'), end: '', perThing: false, name }
    }
    case 'columns':
      return { begin: `${path.join('.')}.`, end: '', perThing: true, name: undefined }
    case 'map':
      return { begin: `${layout.at.join('.')}.`, end: `.${field}`, perThing: true, name: undefined }
  }
}

/** The place of a path. An interface (`eth0.100`) may have dots of its own, so a path is never split. */
const placeAt = (places: readonly Place[], path: string): Place | undefined =>
  places.find(({ begin, end, perThing }) =>
    perThing
      ? path.length > begin.length + end.length && path.startsWith(begin) && path.endsWith(end)
      : path === begin,
  )

/** Finds the place of a path; undefined for what was pushed, which has none. */
export type PlaceFinder = ((path: string) => Place | undefined) | undefined

/** A finder that looks for each path once: thousands of windows have the same ones. */
export const placeFinder = (metric: string): PlaceFinder => {
  const places = placesOf(metric)
  if (places.length === 0) return undefined
  const known = new Map<string, Place | undefined>()
  return (path) => {
    if (!known.has(path)) known.set(path, placeAt(places, path))
    return known.get(path)
  }
}

/** The unit of a field by its name in `summary.fields`: there `per_core` is the mean of the cores. */
export const unitOf = (metric: string, name: string): Unit | undefined => {
  const places = placesOf(metric)
  const place =
    places.find((one) => one.name === name || (one.end === '' && one.begin === `${name}.`)) ??
    placeAt(places, name)
  return place?.unit
}

/** Whether a field of `summary.fields` is that of a named thing. */
export const isPerThing = (metric: string, name: string): boolean =>
  placeAt(placesOf(metric), name)?.perThing ?? false
