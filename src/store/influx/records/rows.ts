import { RECORD_SERIES } from '../../../catalog/records.ts'
import { instant } from '../../../points/instant.ts'
import { canonicalTags, type Tags } from '../../../points/point.ts'
import type { StoredRecord } from '../../../points/record.ts'
import type { CsvRow, CsvTable } from '../csv-rows.ts'
import { fieldName } from '../names.ts'
import type { CellCollector } from '../queries.ts'
import { earlier, later, type Moment } from './moment.ts'
import type { Cut } from './scripts.ts'
import { fromAnswer } from './text.ts'

/** Columns of an answer that are no tags. */
const OWN_COLUMNS: ReadonlySet<string> = new Set(['result', 'table', '_time', '_field', '_value'])

type Column = CsvTable['columns'][number]

/** Where things stand in the rows of a block; the tags of a block are those of its columns. */
export type Block = {
  readonly time: Column | undefined
  readonly field: Column | undefined
  readonly value: Column | undefined
  readonly result: Column | undefined
  readonly table: Column | undefined
  readonly isNumber: boolean
  readonly tags: readonly Column[]
}

export const blockOf = ({ columns }: CsvTable): Block => {
  const named = (label: string) => columns.find((one) => one.label === label)
  const value = named('_value')
  return {
    time: named('_time'),
    field: named('_field'),
    value,
    result: named('result'),
    table: named('table'),
    isNumber: value?.type !== 'string',
    tags: columns.filter(({ label }) => !OWN_COLUMNS.has(label)),
  }
}

/** Remembers the block of a table: rows come by the thousand. */
export const blockReader = (): ((table: CsvTable) => Block) => {
  let known: CsvTable | undefined
  let block: Block | undefined
  return (table) => {
    if (block === undefined || table !== known) {
      known = table
      block = blockOf(table)
    }
    return block
  }
}

/** What an answer says of a stretch. */
export type Found = {
  readonly records: readonly StoredRecord[]
  /**
   * Where tables were cut: what lies there and on this side of it is whole, beyond it are rows that the answer has
   * not. Undefined: nowhere.
   */
  readonly wholeTo: Moment | undefined
  /** Rows by the result `count`, of the fullest field. */
  readonly counted: number
}

/** One field of one series. */
type Table = {
  tags: Tags
  series: string
  field: string
  rows: number
  first: Moment
  last: Moment
}

/** Fields of the catalogue that stand in InfluxDB under another name than their own. */
const OWN_NAMES: ReadonlyMap<string, string> = new Map(
  RECORD_SERIES.flatMap(({ fields }) => Object.keys(fields))
    .filter((name) => fieldName(name) !== name)
    .map((name) => [fieldName(name), name]),
)

/** Puts the rows of fields together to records; `measurement` and `cut` are what was asked for. */
export const collectRecords = (measurement: string, cut?: Cut): CellCollector<Found> => {
  const records = new Map<string, StoredRecord & { fields: Record<string, number | string> }>()
  const blockFor = blockReader()
  const tables: Table[] = []
  const counts = new Map<string, number>()
  let block: Block | undefined
  let place: string | undefined
  let into: Table | undefined

  const add = (row: CsvRow, { time, value, isNumber }: Block, table: Table) => {
    if (time === undefined || value === undefined || row.isEmpty(time.index)) return
    const at = instant(row.time(time.index))
    const seq = row.nanoseconds(time.index)
    const key = `${at} ${seq} ${table.series}`
    const known = records.get(key)
    const { tags, field } = table
    const record = known ?? { measurement, tags, at, seq, fields: {} }
    if (known === undefined) records.set(key, record)
    if (table.rows === 0) table.first = record
    table.last = record
    table.rows += 1
    record.fields[field] = isNumber ? row.number(value.index) : fromAnswer(row.text(value.index))
  }

  return {
    cells: (row, csvTable) => {
      const now = blockFor(csvTable)
      const { field, value, result, table } = now
      if (field === undefined || value === undefined || table === undefined) return
      if (result?.defaultValue === 'count') {
        const name = row.text(field.index)
        counts.set(name, (counts.get(name) ?? 0) + row.number(value.index))
        return
      }
      // who they are is the same for all rows of a table
      if (into === undefined || now !== block || row.text(table.index) !== place) {
        block = now
        place = row.text(table.index)
        const tags = tagsIn(row, now.tags)
        const nowhere = { at: Number.NaN, seq: 0 }
        const stored = row.text(field.index)
        const name = OWN_NAMES.get(stored) ?? stored
        const series = canonicalTags(tags)
        into = { tags, series, field: name, rows: 0, first: nowhere, last: nowhere }
        tables.push(into)
      }
      add(row, now, into)
    },
    answer: () => ({
      records: [...records.values()],
      wholeTo: cut && wholeTo(tables, cut),
      counted: Math.max(0, ...counts.values()),
    }),
  }
}

const wholeTo = (tables: readonly Table[], { most, end }: Cut): Moment | undefined => {
  const full = tables.filter(({ rows }) => rows >= most)
  const edges = full.map(({ first, last }) => (end === 'last' ? first : last))
  const [some, ...others] = edges
  return some && others.reduce(end === 'last' ? later : earlier, some)
}

/** The time of the only row, in milliseconds. */
export const collectTime = (): CellCollector<number | undefined> => {
  let at: number | undefined
  const blockFor = blockReader()
  return {
    cells: (row, table) => {
      const { time } = blockFor(table)
      if (time !== undefined) at = row.time(time.index)
    },
    answer: () => at,
  }
}

/** The tags of a row. */
export const tagsIn = (
  row: { readonly text: (column: number) => string },
  columns: Block['tags'],
): Tags => {
  const tags: Record<string, string> = {}
  for (const { label, index } of columns) {
    const text = row.text(index)
    if (text !== '') tags[label] = text
  }
  return tags
}
