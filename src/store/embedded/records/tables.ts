import type { RecordDataset } from '../../../catalog/records.ts'
import { foldText } from '../../../points/fold-text.ts'
import type { StoredRecord } from '../../../points/record.ts'
import { numberAt, textAt, type SqlRow, type SqlValue } from '../database.ts'
import type { RecordSeriesEntry } from './series-book.ts'

type Fields = StoredRecord['fields']

/** The field whose text is searched: it has a column of its own in `log`. */
export const SEARCHED_FIELD = 'msg'

/** Where the records of a dataset lie. */
export type RecordTable = {
  readonly name: string
  /** What comes after series, time, seq; `payload` is what `fieldsOf` takes. */
  readonly columns: readonly string[]
  readonly payload: string
  readonly valuesOf: (fields: Fields, series: RecordSeriesEntry) => readonly SqlValue[]
  /** The fields of a row of which `payload` begins at `place`. */
  readonly fieldsOf: (row: SqlRow, place: number, series: RecordSeriesEntry) => Fields
  /** A row as JSON: its fields, or the bare number. */
  readonly json: string
  /** What a row takes beside its texts: its key, once more in an index, and the share of its page. */
  readonly overhead: number
}

/** A series of one number has it bare: a third of the bytes, and a million of them are read in a third of a second. */
const bare = (name: string): RecordTable => ({
  name,
  columns: ['v'],
  payload: 'v',
  valuesOf: (fields, { field }) => {
    const value = field === null ? undefined : fields[field]
    const alone = typeof value === 'number' && Object.keys(fields).length === 1
    return [alone ? value : JSON.stringify(fields)]
  },
  fieldsOf: (row, place, { field }) => {
    const value = row[place]
    if (typeof value === 'number' && field !== null) return { [field]: value }
    return JSON.parse(textAt(row, place)) as Fields
  },
  json: `CASE typeof(v) WHEN 'text' THEN v ELSE printf('%!.17g', v) END`,
  overhead: 30,
})

const log: RecordTable = {
  name: 'log',
  columns: ['id', 'msg', 'folded', 'v'],
  payload: 'msg, v',
  valuesOf: (fields) => {
    const { [SEARCHED_FIELD]: msg, ...others } = fields
    if (typeof msg !== 'string') return [null, null, JSON.stringify(fields)]
    const folded = foldText(msg)
    return [msg, folded === lowerAscii(msg) ? null : folded, JSON.stringify(others)]
  },
  fieldsOf: (row, place) => {
    const msg = row[place]
    const others = JSON.parse(textAt(row, place + 1)) as Fields
    return typeof msg === 'string' ? { [SEARCHED_FIELD]: msg, ...others } : others
  },
  json: `CASE WHEN msg IS NULL THEN v ELSE json_insert(v, '$.${SEARCHED_FIELD}', msg) END`,
  // With the trigrams, which take about as much as a line of a hundred characters.
  overhead: 120,
}

export const RECORD_TABLES: Readonly<Record<RecordDataset, RecordTable>> = {
  events: bare('event'),
  journal: bare('journal'),
  logs: log,
}

/** As SQLite's `lower` does it. */
const lowerAscii = (text: string): string => text.replace(/[A-Z]+/g, (part) => part.toLowerCase())

/** The searched text of a row of `log`, folded. */
export const FOLDED = 'coalesce(folded, lower(msg))'

/** A row that begins with time, seq, series and the payload. */
export const recordOf = (
  table: RecordTable,
  row: SqlRow,
  seriesById: ReadonlyMap<number, RecordSeriesEntry>,
): StoredRecord | undefined => {
  const series = seriesById.get(numberAt(row, 2))
  if (series === undefined) return undefined
  return {
    measurement: series.measurement,
    tags: series.tags,
    at: numberAt(row, 0) as StoredRecord['at'],
    seq: numberAt(row, 1),
    fields: table.fieldsOf(row, 3, series),
  }
}
