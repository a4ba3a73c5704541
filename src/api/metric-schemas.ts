import { METRICS } from '../catalog/catalog.ts'
import type { Field, JsonPath, Metric, Series } from '../catalog/metric.ts'

/** The part of JSON Schema that the metrics need. */
export type JsonSchema = {
  type: 'object' | 'array' | 'string' | 'boolean' | ('number' | 'string' | 'null')[]
  description?: string
  properties?: Record<string, JsonSchema>
  additionalProperties?: JsonSchema
  items?: JsonSchema
}

/** The component that describes a metric's `data` in an answer of history: `CpuData`. */
export const dataSchemaName = (metric: Metric): string =>
  `${metric.name.replaceAll(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase())}Data`

/** Adds the place of a value to a tree of schemas; a number in the path is a place in a list. */
const place = (tree: JsonSchema, path: JsonPath, leaf: JsonSchema): void => {
  let here = tree
  for (const [depth, step] of path.entries()) {
    const last = depth === path.length - 1
    if (typeof step === 'number') {
      // all places of a list look alike: the first one describes them
      here.type = 'array'
      here.items ??= leaf
      return
    }
    here.properties ??= {}
    here.properties[step] ??= last ? leaf : { type: 'object' }
    here = here.properties[step]
  }
}

const describe = (field: Field): string => `${field.help} (${field.unit})`

const numberOf = (field: Field): JsonSchema => ({
  type: ['number', 'null'],
  description: describe(field),
})

const withUnit = (field: Field): JsonSchema => ({
  type: 'object',
  description: describe(field),
  properties: { value: { type: ['number', 'null'] }, unit: { type: ['string', 'null'] } },
})

const pathsOf = (name: string, { json }: Field): readonly JsonPath[] => json ?? [[name]]

/** Where a metric's paths begin, in the frame and in history's union of its objects. */
type Root = (path: JsonPath) => JsonPath

const placeSeries = (tree: JsonSchema, { layout, fields }: Series, root: Root): void => {
  if (layout.kind === 'map') {
    const properties = Object.fromEntries(
      Object.entries(fields).map(([name, field]) => [name, numberOf(field)]),
    )
    place(tree, root(layout.at), {
      type: 'object',
      description: `By ${layout.tag}`,
      additionalProperties: { type: 'object', properties },
    })
    return
  }
  for (const [name, field] of Object.entries(fields))
    for (const path of pathsOf(name, field)) {
      if (layout.kind === 'columns')
        place(tree, root(path), {
          type: 'array',
          description: `By ${layout.tag}: ${describe(field)}`,
          items: { type: ['number', 'null'] },
        })
      else
        place(
          tree,
          root([...layout.at, ...path]),
          field.jsonUnit !== undefined && path === field.json?.[0]
            ? withUnit(field)
            : numberOf(field),
        )
    }
}

const placeMetric = (tree: JsonSchema, metric: Metric, root: Root, objects: JsonPath[]): void => {
  for (const object of objects) {
    place(tree, [...object, 'available'], { type: 'boolean' })
    place(tree, [...object, 'reason'], {
      type: 'string',
      description: 'Where `available` is false: why',
    })
  }
  for (const fact of metric.facts ?? [])
    place(tree, root(fact), { type: ['string', 'number', 'null'] })
  for (const series of metric.series) placeSeries(tree, series, root)
}

const historySchema = (metric: Metric): JsonSchema => {
  const tree: JsonSchema = { type: 'object', description: metric.help }
  const root: Root = (path) => (metric.objects === undefined ? path : path.slice(1))
  placeMetric(tree, metric, root, metric.availability === undefined ? [] : [[]])
  return tree
}

const frameSchema = (): JsonSchema => {
  const data: JsonSchema = { type: 'object' }
  for (const metric of METRICS as readonly Metric[]) {
    const root: Root = (path) => (metric.objects === undefined ? [metric.name, ...path] : path)
    placeMetric(
      data,
      metric,
      root,
      (metric.availability ?? []).map((object) => [object]),
    )
  }
  return {
    type: 'object',
    description:
      'What the WebSocket sends once per sampling interval; what cannot be read is null.',
    properties: { type: { type: 'string' }, timestamp: { type: 'string' }, data },
  }
}

/** Every schema that the catalogue gives: one per metric as history answers it, and the live frame. */
export const metricSchemas = (): Readonly<Record<string, JsonSchema>> => ({
  ...Object.fromEntries(METRICS.map((metric) => [dataSchemaName(metric), historySchema(metric)])),
  LiveFrame: frameSchema(),
})
