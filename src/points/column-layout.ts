import type { JsonPath, Metric } from '../catalog/metric.ts'
import { layOut, type Json, type JsonObject } from './layout.ts'

/** A series as the layout tells it apart: its measurement and the value of the layout's tag. */
export type LaidSeries = { readonly measurement: string; readonly key?: string | undefined }

/** Where a column's values come from: a field of the series at this place in the list that was laid out. */
export type ColumnSource = { readonly series: number; readonly field: string }

type Part = {
  readonly node: Template
  /** The part is left out of a row in which all of these columns are empty. */
  readonly presentIf?: readonly number[]
  /** What tells an item of an array apart, where its number does not. */
  readonly label?: string
}

export type ObjectTemplate = {
  readonly kind: 'object'
  readonly entries: readonly (Part & { readonly key: string })[]
}

/** The JSON of every row of a table at once: columns, by their number, stand where a row has its values. */
export type Template =
  | { readonly kind: 'literal'; readonly json: string | number | boolean | null }
  | { readonly kind: 'value'; readonly column: number }
  | { readonly kind: 'quantity'; readonly column: number; readonly unit: string }
  | ObjectTemplate
  | { readonly kind: 'array'; readonly items: readonly Part[] }

export type ColumnLayout = {
  readonly template: ObjectTemplate
  readonly columns: readonly ColumnSource[]
}

/**
 * The layout of a metric for many rows of the same series: what `layOut(metric, rows, 'union')` gives row by row,
 * worked out once. A named thing (an interface, a mount) is left out of the rows in which it has no value; a
 * numbered one (a core) is null there.
 */
export const columnLayout = (metric: Metric, series: readonly LaidSeries[]): ColumnLayout => {
  const columns: ColumnSource[] = []
  const rows = series.map(({ measurement, key }, index) => {
    const numbers = new Map<string, number>()
    const value = (field: string) => {
      const number = numbers.get(field) ?? columns.push({ series: index, field }) - 1
      numbers.set(field, number)
      return number
    }
    return { measurement, key, value }
  })
  // Laid out once with the columns' numbers as values, the JSON shows where each column belongs.
  const numbered = layOut(metric, rows, 'union')
  return { template: objectOf(numbered, [], mapPlaces(metric)), columns }
}

/**
 * One row of the table as plain JSON; `columns` are in the layout's order, NaN is "no value". `deciding` are the
 * columns that decide which named things the row has: those of the values where `columns` are their extremes.
 */
export const layOutRow = (
  { entries }: ObjectTemplate,
  columns: readonly Float64Array[],
  row: number,
  deciding: readonly Float64Array[] = columns,
): JsonObject => {
  const present = ({ presentIf }: Part) =>
    presentIf === undefined || presentIf.some((column) => valueAt(deciding, column, row) !== null)
  const laid = (template: Template): Json => {
    switch (template.kind) {
      case 'literal':
        return template.json
      case 'value':
        return valueAt(columns, template.column, row)
      case 'quantity': {
        const value = valueAt(columns, template.column, row)
        return { value, unit: value === null ? null : template.unit }
      }
      case 'object':
        return layOutRow(template, columns, row, deciding)
      case 'array':
        return template.items.filter(present).map(({ node }) => laid(node))
    }
  }
  return Object.fromEntries(entries.filter(present).map(({ key, node }) => [key, laid(node)]))
}

/** The columns that a template shows, each once. */
export const columnsIn = (template: Template): readonly number[] => {
  switch (template.kind) {
    case 'literal':
      return []
    case 'value':
    case 'quantity':
      return [template.column]
    case 'object':
      return [...new Set(template.entries.flatMap(({ node }) => columnsIn(node)))]
    case 'array':
      return [...new Set(template.items.flatMap(({ node }) => columnsIn(node)))]
  }
}

const valueAt = (columns: readonly Float64Array[], column: number, row: number): number | null => {
  const value = columns[column]?.[row]
  return value === undefined || Number.isNaN(value) ? null : value
}

const templateOf = (json: Json, path: JsonPath, maps: ReadonlySet<string>): Template => {
  if (typeof json === 'number') return { kind: 'value', column: json }
  if (typeof json !== 'object' || json === null) return { kind: 'literal', json }
  if (Array.isArray(json))
    return {
      kind: 'array',
      items: json.map((item, index) => ({ node: templateOf(item, [...path, index], maps) })),
    }
  return quantityOf(json) ?? objectOf(json, path, maps)
}

const objectOf = (json: JsonObject, path: JsonPath, maps: ReadonlySet<string>): ObjectTemplate => {
  const isMap = maps.has(JSON.stringify(path))
  const entries = Object.entries(json).map(([key, value]) => {
    const node = templateOf(value, [...path, key], maps)
    return isMap ? { key, node, presentIf: columnsIn(node) } : { key, node }
  })
  return { kind: 'object', entries }
}

/** `{value, unit}` as the layout shows a field with a unit: the unit is null where the value is. */
const quantityOf = (json: JsonObject): Template | undefined => {
  const { value, unit } = json
  return typeof value === 'number' && typeof unit === 'string' && Object.keys(json).length === 2
    ? { kind: 'quantity', column: value, unit }
    : undefined
}

/** The paths of the objects whose keys are names of things, in the union of the metric's objects. */
const mapPlaces = (metric: Metric): ReadonlySet<string> =>
  new Set(
    metric.series.flatMap(({ layout }) =>
      layout.kind === 'map'
        ? [JSON.stringify(metric.objects === undefined ? layout.at : layout.at.slice(1))]
        : [],
    ),
  )
