import type { Field, JsonPath, Metric, Series, Unit } from '../catalog/metric.ts'

/** What history says of a window, and a live frame of an instant: the metric's object. */
export type Data = Readonly<Record<string, unknown>>

/** One line of a chart. */
export type Line = {
  readonly label: string
  readonly help: string
  read(data: Data | undefined): number | null
}

/** What belongs on one chart: lines of one unit. */
export type Panel = {
  readonly id: string
  readonly title: string
  readonly unit: Unit
  /** Its lines, as far as the data has them: interfaces and devices come and go. */
  lines(data: readonly Data[]): readonly Line[]
}

const UNIT_ENDINGS =
  /_(percent|bytes_per_sec|mb_per_sec|per_sec|bytes|packets|ms|mhz|celsius|seconds)$/

/** A field's name as people say it: read_bytes_per_sec is Read, load_avg_5 is Load avg 5. */
export const titleOf = (field: string): string => {
  const words = field.replace(UNIT_ENDINGS, '').replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

const isObject = (value: unknown): value is Data => typeof value === 'object' && value !== null

/** The number at a place; `{value, unit}` is its value. */
export const numberAt = (data: unknown, path: JsonPath): number | null => {
  let here = data
  for (const step of path) {
    if (!isObject(here)) return null
    here = here[String(step)]
  }
  const value = isObject(here) && 'value' in here ? here['value'] : here
  return typeof value === 'number' ? value : null
}

/** Where the values of a field stand in the metric's object, as history has it. */
const pathOf = (metric: Metric, name: string, { json }: Field): JsonPath => {
  const [path = [name]] = json ?? []
  return metric.objects === undefined ? path : path.slice(1)
}

const objectAt = (data: Data, path: JsonPath): Data => {
  let here: unknown = data
  for (const step of path) here = isObject(here) ? here[String(step)] : undefined
  return isObject(here) ? here : {}
}

/** The metric's object of a live frame, in the shape that history has. */
export const metricData = (metric: Metric, frame: Data): Data =>
  metric.objects === undefined
    ? objectAt(frame, [metric.name])
    : Object.assign({}, ...metric.objects.map((object) => objectAt(frame, [object])))

const lineOf = (metric: Metric, at: JsonPath, name: string, field: Field): Line => {
  const path = [...at, ...pathOf(metric, name, field)]
  return { label: titleOf(name), help: field.help, read: (data) => numberAt(data, path) }
}

/** The root of a series' layout; where a metric has several objects the first step names one of them. */
const rootOf = (metric: Metric, { layout }: Series): JsonPath => {
  if (layout.kind === 'columns') return []
  return metric.objects === undefined ? layout.at : layout.at.slice(1)
}

/**
 * The panel that says most of a metric: what its comparison is made of, of the first fields that have values. A
 * machine without hardware counters has others.
 */
export const mainPanel = (metric: Metric, data: readonly Data[]): Panel => {
  const groups = metric.primary.flatMap(({ measurement, fields }) => {
    const series = metric.series.find((one) => one.measurement === measurement)
    return series === undefined ? [] : [primaryPanel(metric, series, fields)]
  })
  const hasValues = (panel: Panel) =>
    panel.lines(data).some(({ read }) => data.some((one) => read(one) !== null))
  const panel = groups.find(hasValues) ?? groups[0]
  if (panel === undefined) throw new Error(`${metric.name} has no primary fields.`)
  return panel
}

const primaryPanel = (metric: Metric, series: Series, fields: readonly string[]): Panel => {
  const known = fields.flatMap((name) => {
    const field = series.fields[name]
    return field === undefined ? [] : [{ name, field }]
  })
  const lines = known.map(({ name, field }) => lineOf(metric, rootOf(metric, series), name, field))
  return {
    id: metric.name,
    title: metric.title,
    unit: known[0]?.field.unit ?? 'count',
    lines: () => lines,
  }
}

/** All panels of a metric: of one row a panel by unit, of rows by name one a field. */
export const panelsOf = (metric: Metric): readonly Panel[] =>
  metric.series.flatMap((series) =>
    series.layout.kind === 'object' ? byUnit(metric, series) : byField(metric, series),
  )

const nameOf = (metric: Metric, { measurement }: Series): string =>
  measurement === metric.name ? metric.title : titleOf(measurement)

/** What lines of a unit are together. */
const KINDS: Readonly<Record<Unit, string>> = {
  percent: 'percent',
  bytes: 'sizes',
  'bytes/s': 'bytes a second',
  'MB/s': 'bandwidth',
  count: 'counts',
  'count/s': 'events a second',
  'packets/s': 'packets a second',
  'operations/s': 'operations a second',
  MHz: 'frequencies',
  celsius: 'temperatures',
  ms: 'times',
  s: 'times',
  'ms/s': 'time a second',
  ratio: 'ratios',
}

const byUnit = (metric: Metric, series: Series): readonly Panel[] => {
  const units = new Map<Unit, Line[]>()
  for (const [name, field] of Object.entries(series.fields)) {
    // what hardly ever changes is a number, not a line
    if (field.fold === 'last') continue
    const lines = units.get(field.unit) ?? []
    units.set(field.unit, lines)
    lines.push(lineOf(metric, rootOf(metric, series), name, field))
  }
  return [...units].map(([unit, lines]) => ({
    id: `${series.measurement}.${unit}`,
    title: `${nameOf(metric, series)}: ${lines.length === 1 ? lines[0]?.label : KINDS[unit]}`,
    unit,
    lines: () => lines,
  }))
}

const byField = (metric: Metric, series: Series): readonly Panel[] =>
  Object.entries(series.fields)
    .filter(([, { fold }]) => fold !== 'last')
    .map(([name, field]) => ({
      id: `${series.measurement}.${name}`,
      title: `${titleOf(name)} by ${series.layout.kind === 'object' ? '' : series.layout.tag}`,
      unit: field.unit,
      lines: (data) => keyedLines(metric, series, name, field, data),
    }))

const keyedLines = (
  metric: Metric,
  series: Series,
  name: string,
  field: Field,
  data: readonly Data[],
): readonly Line[] => {
  const { layout } = series
  const { help } = field
  if (layout.kind === 'columns') {
    const path = pathOf(metric, name, field)
    const count = Math.max(0, ...data.map((one) => Object.keys(objectAt(one, path)).length))
    return Array.from({ length: count }, (_, key) => ({
      label: `${layout.tag} ${key}`,
      help,
      read: (one) => numberAt(one, [...path, key]),
    }))
  }
  const root = rootOf(metric, series)
  const keys = new Set(data.flatMap((one) => Object.keys(objectAt(one, root))))
  return [...keys].toSorted().map((key) => ({
    label: key,
    help,
    read: (one) => numberAt(one, [...root, key, name]),
  }))
}

/** A number that no chart shows, such as the size of the memory. */
export type Figure = { readonly label: string; readonly unit: Unit; readonly line: Line }

/** Fields of one row that hardly ever change. */
export const figuresOf = (metric: Metric): readonly Figure[] =>
  metric.series.flatMap((series) =>
    series.layout.kind !== 'object'
      ? []
      : Object.entries(series.fields)
          .filter(([, { fold }]) => fold === 'last')
          .map(([name, field]) => ({
            label: titleOf(name),
            unit: field.unit,
            line: lineOf(metric, rootOf(metric, series), name, field),
          })),
  )

type PushedSeries = {
  readonly tags: Readonly<Record<string, string>>
  readonly fields: Readonly<Record<string, unknown>>
}

const pushedSeries = (data: Data | undefined): readonly PushedSeries[] =>
  Array.isArray(data?.['series']) ? (data['series'] as readonly PushedSeries[]) : []

const tagsText = ({ tags }: PushedSeries): string =>
  Object.entries(tags)
    .map(([name, value]) => `${name}=${value}`)
    .toSorted()
    .join(', ')

/** A panel for each field of what was pushed; nobody has told its units. */
export const pushedPanels = (data: readonly Data[]): readonly Panel[] => {
  const series = data.flatMap(pushedSeries)
  const fields = [...new Set(series.flatMap((one) => Object.keys(one.fields)))].toSorted()
  const all = [...new Set(series.map(tagsText))].toSorted()
  return fields.map((field) => ({
    id: field,
    title: field,
    unit: 'count',
    lines: () =>
      all.map((tags) => ({
        label: tags === '' ? field : tags,
        help: '',
        read: (one) =>
          numberAt(
            pushedSeries(one).find((each) => tagsText(each) === tags),
            ['fields', field],
          ),
      })),
  }))
}

/** The unit of a field as a comparison names it: `usage_percent`, `interfaces.eth0.drops_in`. */
export const unitOf = (metric: Metric, name: string): Unit | undefined => {
  for (const { layout, fields } of metric.series)
    for (const [field, { unit, json }] of Object.entries(fields)) {
      if (layout.kind === 'columns') {
        if (name === (json?.[0]?.join('.') ?? field)) return unit
        continue
      }
      const root = layout.at.map((step) => `${step}.`).join('')
      if (layout.kind === 'object' && name === root + field) return unit
      if (layout.kind === 'map' && name.startsWith(root) && name.endsWith(`.${field}`)) return unit
    }
  return undefined
}
