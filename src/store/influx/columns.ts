import { BESIDE, type Beside } from '../range-query.ts'
import { seriesKey, type Tags } from '../../points/point.ts'
import type { CsvRow, CsvTable } from './csv-rows.ts'
import type { CellCollector } from './queries.ts'
import { besideResult, type RangeScript } from './range-script.ts'

/** Values of one field, or of one of its companions, in time order. */
export type Cells = { readonly at: number[]; readonly value: number[] }
export type Part = 'value' | Beside

/** One series as it came: each field apart. */
export type FoundSeries = {
  readonly measurement: string
  readonly tags: Tags
  readonly fields: Map<string, Map<Part, Cells>>
}

/** Columns of an answer that are no tags. */
const NO_TAGS: ReadonlySet<string> = new Set([
  '',
  'result',
  'table',
  '_time',
  '_value',
  '_field',
  '_measurement',
  '_start',
  '_stop',
])

/** Where the columns of a table stand in its rows. */
type Places = {
  readonly result: number
  readonly defaultResult: string
  readonly table: number
  readonly time: number
  readonly value: number
  readonly field: number
  readonly measurement: number
  readonly tags: readonly (readonly [string, number])[]
}

/**
 * Puts rows together by series and field. `partOf` says what a row of a result is, and of which field; undefined:
 * not wanted.
 */
export const collectSeries = (
  asked: Pick<RangeScript, 'measurement' | 'field' | 'tags'>,
  partOf: PartOf,
): CellCollector<readonly FoundSeries[]> => {
  const series = new Map<string, FoundSeries>()
  let columns: CsvTable | undefined
  let places: Places | undefined
  let table: number | undefined
  let result = ''
  let into: Cells | undefined

  const open = (row: CsvRow, at: Places): Cells | undefined => {
    const measurement = asked.measurement ?? row.text(at.measurement)
    const tags = { ...asked.tags, ...tagsIn(row, at.tags) }
    const name = result || at.defaultResult
    const part = partOf(name, measurement, asked.field ?? row.text(at.field))
    if (part === undefined) return undefined
    const key = seriesKey(measurement, tags)
    const found = series.get(key) ?? { measurement, tags, fields: new Map() }
    series.set(key, found)
    const parts = found.fields.get(part.field) ?? new Map<Part, Cells>()
    found.fields.set(part.field, parts)
    const cells = parts.get(part.part) ?? { at: [], value: [] }
    parts.set(part.part, cells)
    return cells
  }

  return {
    cells: (row, meta) => {
      if (places === undefined || columns !== meta) {
        columns = meta
        places = placesOf(meta)
        table = undefined
      }
      // a table holds one field of one series: where it lands is found out once
      const number = row.number(places.table)
      const name = row.isEmpty(places.result) ? '' : row.text(places.result)
      if (number !== table || name !== result) {
        table = number
        result = name
        into = open(row, places)
      }
      if (into === undefined) return undefined
      return { time: places.time, value: places.value, at: into.at, values: into.value }
    },
    answer: () => [...series.values()],
  }
}

export type PartOf = (
  result: string,
  measurement: string,
  field: string,
) => { readonly field: string; readonly part: Part } | undefined

/** The companion that a result of the script holds. */
export const besideOf = (result: string): Beside | undefined =>
  BESIDE.find((part) => besideResult(part) === result)

const placesOf = (meta: CsvTable): Places => {
  const place = (label: string) => meta.columns.find((one) => one.label === label)?.index ?? -1
  return {
    result: place('result'),
    defaultResult: meta.columns.find(({ label }) => label === 'result')?.defaultValue ?? '',
    table: place('table'),
    time: place('_time'),
    value: place('_value'),
    field: place('_field'),
    measurement: place('_measurement'),
    tags: meta.columns
      .filter(({ label }) => !NO_TAGS.has(label))
      .map(({ label, index }) => [label, index] as const),
  }
}

const tagsIn = (row: CsvRow, places: Places['tags']): Tags =>
  Object.fromEntries(
    places.flatMap(([name, index]) => {
      const value = row.text(index)
      return value === '' ? [] : [[name, value] as const]
    }),
  )
