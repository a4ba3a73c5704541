import { foldText, containsFolded } from '../../../points/fold-text.ts'
import { comparePlaces, type StoredRecord } from '../../../points/record.ts'
import type { RecordQuery, RecordSelection } from '../../records.ts'
import type { Sql, SqlRow, SqlValue } from '../database.ts'
import type { Pace } from '../pace.ts'
import { pageEnd, type Span } from './boundary.ts'
import type { RecordSeriesEntry, SeriesBook } from './series-book.ts'
import { FOLDED, RECORD_TABLES, recordOf, SEARCHED_FIELD, type RecordTable } from './tables.ts'
import type { TextIndex } from './text-index.ts'

/** Rows that a search looks through at a time: a millisecond or two; fewer where they are long. */
const LINES_PER_PAGE = 2_000
const LEAST_PER_PAGE = 50
const LONG_MS = 6
/** Rows of an answer that are read at a time. */
const ROWS_PER_PAGE = 1_000
/** So many lines are looked through before the index is asked: a frequent text is found among them. */
const LINES_BEFORE_INDEX = 20_000
/** A text that more lines may hold than this is found by looking on. */
const MOST_CANDIDATES = 20_000
const CANDIDATES_PER_PAGE = 500

type Parts = {
  readonly sql: Sql
  readonly book: SeriesBook
  readonly index: TextIndex
  readonly pace: () => Pace
}

/** A question made ready: what one page of the answer needs. */
type Search = {
  readonly query: RecordQuery
  readonly table: RecordTable
  readonly series: readonly RecordSeriesEntry[]
  readonly byId: ReadonlyMap<number, RecordSeriesEntry>
  readonly ids: string
  /** A folded text that the database itself looks for. */
  readonly text: string | undefined
  readonly accepts: (record: StoredRecord) => boolean
  readonly compare: (a: StoredRecord, b: StoredRecord) => number
}

/** Finds records in order, page by page. */
export const createFinder = ({ sql, book, index, pace: newPace }: Parts) => {
  const prepare = (query: RecordQuery): Search => {
    const series = seriesIn(book, query)
    const table = RECORD_TABLES[query.dataset]
    const { contains, after, order } = query
    const inDatabase = contains?.field === SEARCHED_FIELD && query.dataset === 'logs'
    const folded = contains === undefined ? undefined : foldText(contains.text)
    const sign = order === 'newest first' ? -1 : 1
    return {
      query,
      table,
      series,
      byId: new Map(series.map((one) => [one.id, one])),
      ids: JSON.stringify(series.map(({ id }) => id)),
      text: inDatabase ? folded : undefined,
      compare: (a, b) => sign * comparePlaces(a, b),
      accepts: (record) => {
        if (after !== undefined && sign * comparePlaces(record, after) <= 0) return false
        if (inDatabase || contains === undefined || folded === undefined) return true
        const value = record.fields[contains.field]
        return typeof value === 'string' && containsFolded(value, folded)
      },
    }
  }

  const recordsOf = (search: Search, rows: readonly SqlRow[]): StoredRecord[] =>
    rows.flatMap((row) => {
      const record = recordOf(search.table, row, search.byId)
      return record !== undefined && search.accepts(record) ? [record] : []
    })

  /** All that is wanted of a span, in no order. */
  const wanted = (search: Search, condition: string, values: readonly SqlValue[]) => {
    const { table, text } = search
    return recordsOf(
      search,
      sql.all(
        `SELECT time, seq, series, ${table.payload} FROM ${table.name}
         WHERE ${condition} AND time >= ? AND time <= ?${text === undefined ? '' : ` AND instr(${FOLDED}, ?) > 0`}`,
        text === undefined ? values : [...values, text],
      ),
    )
  }
  const page = (search: Search, { from, to }: Span) =>
    wanted(search, 'series IN (SELECT value FROM json_each(?))', [search.ids, from, to])

  /** What the index knows of the rest of a span, and the lines that it does not know yet. Undefined: too much. */
  const fromIndex = async (search: Search, { from, to }: Span, pace: Pace) => {
    const found = index.candidates(search.text ?? '', MOST_CANDIDATES + 1)
    if (found === undefined || found.length > MOST_CANDIDATES) return undefined
    // Before the first rest: what is indexed meanwhile is not among the candidates.
    const [mark, last] = [index.mark(), index.lastId()]
    const records: StoredRecord[] = []
    for (let at = 0; at < found.length; at += CANDIDATES_PER_PAGE) {
      const ids = JSON.stringify(found.slice(at, at + CANDIDATES_PER_PAGE))
      records.push(...wanted(search, 'id IN (SELECT value FROM json_each(?))', [ids, from, to]))
      if (pace.due()) await pace.rest()
    }
    for (let id = mark; id < last; id += LINES_PER_PAGE) {
      const end = Math.min(id + LINES_PER_PAGE, last)
      records.push(...wanted(search, 'id > ? AND id <= ?', [id, end, from, to]))
      if (pace.due()) await pace.rest()
    }
    return records
  }

  return async (query: RecordQuery): Promise<readonly StoredRecord[]> => {
    const search = prepare(query)
    const { series, compare, table } = search
    const { order, limit, contains } = query
    const pace = newPace()
    const records: StoredRecord[] = []
    let rowsPerPage = contains === undefined ? Math.min(limit, ROWS_PER_PAGE) : LINES_PER_PAGE
    let span: Span | undefined = spanOf(query, series)
    let seen = 0
    let isIndexAsked = search.text === undefined
    while (span !== undefined && span.from <= span.to && records.length < limit) {
      if (!isIndexAsked && seen >= LINES_BEFORE_INDEX) {
        isIndexAsked = true
        const rest = await fromIndex(search, span, pace)
        if (rest !== undefined) {
          for (const record of rest.toSorted(compare)) records.push(record)
          break
        }
      }
      const began = performance.now()
      const end = pageEnd(sql, table, series, span, order, rowsPerPage)
      const [here, next] = cutSpan(span, end, order)
      for (const record of page(search, here).toSorted(compare)) records.push(record)
      span = next
      seen += rowsPerPage
      if (performance.now() - began > LONG_MS)
        rowsPerPage = Math.max(LEAST_PER_PAGE, Math.ceil(rowsPerPage / 2))
      if (pace.due()) await pace.rest()
    }
    return records.slice(0, limit)
  }
}

/** The series that a selection is about. */
export const seriesIn = (book: SeriesBook, of: RecordSelection) =>
  book
    .matching(of.dataset, of.measurement, of.tags, of.anyOf)
    .filter(({ first, last }) => first < of.range.to && last >= of.range.from)

/** What is left of a range when nothing is where it begins and ends, and nothing before the place; undefined: nothing. */
const spanOf = (
  { range, after, order, limit }: RecordQuery,
  series: readonly RecordSeriesEntry[],
): Span | undefined => {
  if (series.length === 0 || limit <= 0) return undefined
  const { from, to } = spanOfSeries(range, series)
  if (after === undefined) return { from, to }
  return order === 'newest first'
    ? { from, to: Math.min(to, after.at) }
    : { from: Math.max(from, after.at), to }
}

/** A range within the rows that there are: finite, as the binding of parameters asks for. */
export const spanOfSeries = (
  range: RecordSelection['range'],
  series: readonly RecordSeriesEntry[],
): Span => {
  let [first, last] = [Infinity, -Infinity]
  for (const one of series) {
    first = Math.min(first, one.first)
    last = Math.max(last, one.last)
  }
  return { from: Math.max(range.from, first), to: Math.min(range.to - 1, last) }
}

/** The page that ends at `end`, and what is left behind it. */
const cutSpan = (span: Span, end: number | undefined, order: Order): [Span, Span | undefined] => {
  if (end === undefined) return [span, undefined]
  return order === 'newest first'
    ? [
        { from: end, to: span.to },
        { from: span.from, to: end - 1 },
      ]
    : [
        { from: span.from, to: end },
        { from: end + 1, to: span.to },
      ]
}

type Order = RecordQuery['order']
