import type { Field, JsonPath, Metric, Series } from '../catalog/metric.ts'

/** A JSON value as the layouts build it. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

/** One row to be laid out: the value of the layout's tag and a value per field. */
export type LaidRow = {
  readonly measurement: string
  readonly key?: string | undefined
  readonly value: (field: string) => number | null
}

export type Availability =
  | { readonly available: true; readonly facts?: readonly Json[] | undefined }
  | {
      readonly available: false
      readonly reason: string
      readonly facts?: readonly Json[] | undefined
    }

/**
 * Builds a metric's JSON objects from rows. Every field of the catalogue is there: null where no row has it.
 * `live` gives one object per name of `metric.objects`; `union` merges them, as history answers.
 */
export const layOut = (
  metric: Metric,
  rows: Iterable<LaidRow>,
  shape: 'live' | 'union',
  availability: Availability = { available: true },
): JsonObject => {
  const plan = planOf(metric, shape)
  const data = plan.empty()
  applyAvailability(data, plan, availability)
  for (const row of rows) plan.series.get(row.measurement)?.(data, row)
  return data
}

type Placer = (data: JsonObject, row: LaidRow) => void
type Plan = {
  readonly empty: () => JsonObject
  readonly series: ReadonlyMap<string, Placer>
  readonly availability: readonly JsonPath[]
  readonly facts: readonly JsonPath[]
}

const plans = new Map<string, Plan>()

const planOf = (metric: Metric, shape: 'live' | 'union'): Plan => {
  const key = `${shape} ${metric.name}`
  const known = plans.get(key)
  if (known !== undefined) return known
  const plan = makePlan(metric, shape)
  plans.set(key, plan)
  return plan
}

const makePlan = (metric: Metric, shape: 'live' | 'union'): Plan => {
  const own = metric.objects !== undefined
  const root = (path: JsonPath): JsonPath =>
    shape === 'union' ? (own ? path.slice(1) : path) : own ? path : [metric.name, ...path]
  const objects = metric.objects ?? [metric.name]
  const availability =
    metric.availability === undefined
      ? []
      : shape === 'union'
        ? [['available']]
        : metric.availability.map((object) => [object, 'available'])
  const facts = (metric.facts ?? []).map(root)
  const series = new Map(
    metric.series.map((one) => [one.measurement, placerOf(one, root)] as const),
  )
  const skeleton: JsonObject = {}
  if (shape === 'live') for (const object of objects) skeleton[object] = {}
  for (const path of availability) put(skeleton, path, null)
  for (const path of facts) put(skeleton, path, null)
  for (const one of metric.series) emptySeries(skeleton, one, root)
  return { empty: () => copyObject(skeleton), series, availability, facts }
}

const pathsOf = (name: string, field: Field): readonly JsonPath[] => field.json ?? [[name]]

const emptySeries = (skeleton: JsonObject, series: Series, root: (p: JsonPath) => JsonPath) => {
  const { layout } = series
  switch (layout.kind) {
    case 'map':
      put(skeleton, root(layout.at), {})
      return
    case 'columns':
      for (const [name, field] of Object.entries(series.fields))
        for (const path of pathsOf(name, field)) put(skeleton, root(path), [])
      return
    case 'object':
      for (const [name, field] of Object.entries(series.fields))
        for (const path of pathsOf(name, field))
          put(skeleton, root([...layout.at, ...path]), shown(field, path, null))
  }
}

const placerOf = (series: Series, root: (p: JsonPath) => JsonPath): Placer => {
  const { layout } = series
  const fields = Object.entries(series.fields)
  switch (layout.kind) {
    case 'object':
      return objectPlacer(fields, (path) => root([...layout.at, ...path]))
    case 'columns':
      return columnsPlacer(fields, root)
    case 'map':
      return mapPlacer(fields, root(layout.at))
  }
}

type Fields = readonly (readonly [string, Field])[]

const objectPlacer = (fields: Fields, root: (p: JsonPath) => JsonPath): Placer => {
  const places = fields.flatMap(([name, field]) =>
    pathsOf(name, field).map((path) => ({ name, field, path, full: root(path) })),
  )
  return (data, row) => {
    for (const { name, field, path, full } of places)
      put(data, full, shown(field, path, row.value(name)))
  }
}

/** Core numbers beyond this are a broken source, not a machine. */
const MOST_COLUMNS = 65_536

const columnsPlacer = (fields: Fields, root: (p: JsonPath) => JsonPath): Placer => {
  const places = fields.flatMap(([name, field]) =>
    pathsOf(name, field).map((path) => ({ name, full: root(path) })),
  )
  return (data, row) => {
    const index = Number(row.key)
    if (!Number.isInteger(index) || index < 0 || index >= MOST_COLUMNS) return
    for (const { name, full } of places) {
      const column = get(data, full)
      if (!Array.isArray(column)) continue
      while (column.length < index) column.push(null)
      column[index] = row.value(name)
    }
  }
}

const mapPlacer =
  (fields: Fields, at: JsonPath): Placer =>
  (data, row) => {
    const map = get(data, at)
    if (row.key === undefined || map === undefined || !isObject(map)) return
    const entry: JsonObject = {}
    for (const [name] of fields) entry[name] = row.value(name)
    define(map, row.key, entry)
  }

const applyAvailability = (data: JsonObject, plan: Plan, availability: Availability) => {
  for (const path of plan.availability) {
    put(data, path, availability.available)
    if (!availability.available) put(data, [...path.slice(0, -1), 'reason'], availability.reason)
  }
  plan.facts.forEach((path, index) => put(data, path, availability.facts?.[index] ?? null))
}

/** The value as its place shows it: bare, or with its unit where the field's first place asks for it. */
const shown = (field: Field, path: JsonPath, value: number | null): Json =>
  field.jsonUnit !== undefined && path === field.json?.[0]
    ? { value, unit: value === null ? null : field.jsonUnit }
    : value

const isObject = (json: Json | undefined): json is JsonObject =>
  typeof json === 'object' && json !== null && !Array.isArray(json)

/** Sets an own key even when it is called `__proto__`: interface and mount names are not ours. */
const define = (object: JsonObject, key: string, value: Json) => {
  if (key === '__proto__')
    Object.defineProperty(object, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    })
  else object[key] = value
}

const childOf = (json: Json, step: string | number): Json | undefined => {
  if (Array.isArray(json)) return typeof step === 'number' ? json[step] : undefined
  return isObject(json) ? json[step] : undefined
}

const setChild = (json: Json, step: string | number, value: Json) => {
  if (Array.isArray(json) && typeof step === 'number') json[step] = value
  else if (isObject(json)) json[step] = value
}

const get = (data: JsonObject, path: JsonPath): Json | undefined =>
  path.reduce<Json | undefined>(
    (here, step) => (here === undefined ? undefined : childOf(here, step)),
    data,
  )

const put = (data: JsonObject, path: JsonPath, value: Json) => {
  let here: Json = data
  path.forEach((step, index) => {
    const next = path[index + 1]
    if (next === undefined) {
      setChild(here, step, value)
      return
    }
    const child = childOf(here, step) ?? (typeof next === 'number' ? [] : {})
    setChild(here, step, child)
    here = child
  })
}

const copyObject = (json: JsonObject): JsonObject => {
  const out: JsonObject = {}
  for (const [key, value] of Object.entries(json)) out[key] = copy(value)
  return out
}

const copy = (json: Json): Json =>
  Array.isArray(json) ? json.map(copy) : isObject(json) ? copyObject(json) : json
