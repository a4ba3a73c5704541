import type { Unit } from '../../catalog/metric.ts'
import type { DataPoint } from '../../history/history.ts'
import type { Json, JsonObject } from '../../points/layout.ts'
import type { Mark } from '../text/sparkline.ts'
import { placeFinder, type Place, type PlaceFinder } from './places.ts'

/** One number of a metric over time: `usage_percent`, `per_core.0`, `interfaces.eth0.errors_in`, `queue{host=a}`. */
export type FieldColumn = {
  readonly name: string
  /** Where it is in the JSON of the first window that has it; the same as the name but for a few. */
  readonly path: string
  readonly unit: Unit | undefined
  readonly perThing: boolean
  readonly marks: readonly Mark[]
}

/**
 * The columns of data points, in the order in which the JSON first has them. Of a metric of the catalogue only its
 * fields (`available` and facts are none), of a pushed one every number.
 */
export const columnsOf = (metric: string, points: readonly DataPoint[]): readonly FieldColumn[] => {
  const find = placeFinder(metric)
  const columns = new Map<string, Omit<FieldColumn, 'marks'> & { readonly marks: Mark[] }>()
  for (const point of points) {
    const at = Date.parse(point.timestamp)
    for (const { name, path, place, value } of numbersIn(find, point.data)) {
      const known = columns.get(name)
      // a value that the JSON shows twice is one column
      if (known !== undefined && known.marks.at(-1)?.at !== at) known.marks.push({ at, value })
      if (known !== undefined) continue
      const { unit, perThing = false } = place ?? {}
      columns.set(name, { name, path, unit, perThing, marks: [{ at, value }] })
    }
  }
  return [...columns.values()]
}

/**
 * The columns that a person asked for, by name or path; `per_core` means all of `per_core.*`. Names that are no column come
 * back in `unknown`.
 */
export const pickColumns = <Named extends { readonly name: string; readonly path?: string }>(
  columns: readonly Named[],
  wanted: readonly string[],
): { readonly picked: readonly Named[]; readonly unknown: readonly string[] } => {
  const isIn = (text: string, name: string) =>
    text === name || text.startsWith(`${name}.`) || text.startsWith(`${name}{`)
  const of = (name: string) =>
    columns.filter((column) => isIn(column.name, name) || isIn(column.path ?? column.name, name))
  return {
    picked: [...new Set(wanted.flatMap(of))],
    unknown: wanted.filter((name) => of(name).length === 0),
  }
}

/** What a window shows of a column; of `per_core`, which is none itself, the mean of the cores. */
export const marksOf = (columns: readonly FieldColumn[], name: string): readonly Mark[] => {
  const own = columns.find((column) => column.name === name)
  if (own !== undefined) return own.marks
  const sums = new Map<number, { sum: number; n: number }>()
  for (const { marks } of columns.filter((column) => column.name.startsWith(`${name}.`)))
    for (const { at, value } of marks) {
      if (value === null) continue
      const { sum, n } = sums.get(at) ?? { sum: 0, n: 0 }
      sums.set(at, { sum: sum + value, n: n + 1 })
    }
  return [...sums].map(([at, { sum, n }]) => ({ at, value: sum / n })).sort((a, b) => a.at - b.at)
}

/** The JSON of a window with nothing but the columns of these names, in the same shape; an array keeps its places. */
export const pruned = (
  metric: string,
  data: JsonObject,
  names: ReadonlySet<string>,
): JsonObject => {
  const paths = new Set(
    numbersIn(placeFinder(metric), data).flatMap(({ name, path }) =>
      names.has(name) ? [path] : [],
    ),
  )
  const kept = keep(data, '', paths)
  return kept !== undefined && isObject(kept) ? kept : {}
}

const keep = (json: Json, path: string, wanted: ReadonlySet<string>): Json | undefined => {
  if (wanted.has(path)) return json
  if (json === null || typeof json !== 'object') return undefined
  if (Array.isArray(json)) {
    const items = json.map((item, index) => keep(item, inside(path, String(index)), wanted))
    return items.some((item) => item !== undefined) ? items.map((item) => item ?? null) : undefined
  }
  const entries = Object.entries(json).flatMap(([key, item]) => {
    const kept = keep(item, inside(path, key), wanted)
    return kept === undefined ? [] : [[key, kept] as const]
  })
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

type Found = {
  readonly name: string
  readonly path: string
  readonly place: Place | undefined
  readonly value: number | null
}

const numbersIn = (find: PlaceFinder, data: JsonObject): readonly Found[] => {
  if (find === undefined) return pushedNumbers(data)
  return leaves(data, '').flatMap(({ path, value }) => {
    const place = find(path)
    return place === undefined ? [] : [{ name: place.name ?? path, path, place, value }]
  })
}

/** What was pushed has a list of series, each with its tags; named as `compare` names it. */
const pushedNumbers = (data: JsonObject): readonly Found[] => {
  const { series } = data
  if (!Array.isArray(series)) return []
  return series.flatMap((one, index) => {
    if (!isObject(one)) return []
    const label = labelOf(one['tags'])
    return leaves(one['fields'] ?? null, '').map(({ path, value }) => ({
      name: label === '' ? path : `${path}{${label}}`,
      path: `series.${index}.fields.${path}`,
      place: undefined,
      value,
    }))
  })
}

const labelOf = (tags: Json | undefined): string =>
  tags === undefined || !isObject(tags)
    ? ''
    : Object.entries(tags)
        .flatMap(([name, value]) => (typeof value === 'string' ? [`${name}=${value}`] : []))
        .toSorted()
        .join(',')

type Leaf = { readonly path: string; readonly value: number | null }

const leaves = (json: Json, path: string): readonly Leaf[] => {
  if (json === null || typeof json === 'number') return path === '' ? [] : [{ path, value: json }]
  if (typeof json !== 'object') return []
  // `{value, unit}` of the perf events is one number
  if (isObject(json) && 'unit' in json && 'value' in json)
    return leaves(json['value'] ?? null, path)
  return Object.entries(json).flatMap(([key, item]) => leaves(item, inside(path, key)))
}

const inside = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`)

const isObject = (json: Json): json is JsonObject =>
  json !== null && typeof json === 'object' && !Array.isArray(json)
