import { containsFolded, foldText } from '../../../points/fold-text.ts'
import { comparePlaces, type StoredRecord } from '../../../points/record.ts'
import type { RecordQuery, RecordSelection } from '../../records.ts'
import type { Ends } from '../ends.ts'
import { noneOf, oneOf } from '../flux-text.ts'
import { copyOf, searchedFields } from './copies.ts'
import { earlier, justBehind, later, momentAt, type Moment, type Stretch } from './moment.ts'
import { conditionsOf, fieldIs, type Cut, type Rows } from './scripts.ts'
import { foldedLiteral, searchLiteral } from './search.ts'

/** Rows of a table that one look brings at most. */
const MOST_ROWS = 5_000

/** A question for records made ready. */
export type Question = {
  readonly query: RecordQuery
  readonly newestFirst: boolean
  readonly compare: (a: StoredRecord, b: StoredRecord) => number
  /** Whether a record that was found is one of those that are meant. */
  readonly accepts: (record: StoredRecord) => boolean
  /** All fields of all records that may be meant. */
  readonly rows: Rows
  /** The texts that are looked through, and what may be the answer. Undefined: no text is asked for. */
  readonly texts: { readonly all: Rows; readonly matching: Rows } | undefined
  readonly cut: Cut
}

/** Undefined: nothing can be the answer. */
export const prepare = (prefix: string, query: RecordQuery): Question | undefined => {
  const { dataset, measurement, order, after, contains, limit } = query
  const conditions = conditionsOf(query)
  if (conditions === undefined || limit <= 0) return undefined
  const newestFirst = order === 'newest first'
  const sign = newestFirst ? -1 : 1
  const copies = searchedFields(measurement).map(copyOf)
  const own = copies.length === 0 ? [] : [noneOf('_field', copies)]
  const holds = contains === undefined ? () => true : holding(contains)
  const search = contains === undefined ? undefined : searchOf(measurement, contains)
  const rowsWith = (more: readonly string[]): Rows => ({
    prefix,
    dataset,
    conditions: [...conditions, ...more],
  })
  const literal = search?.literal
  return {
    query,
    newestFirst,
    rows: rowsWith(own),
    texts: search && {
      all: rowsWith([fieldIs(search.name)]),
      matching: rowsWith(
        literal === undefined ? [search.field] : [search.field, `r["_value"] =~ ${literal}`],
      ),
    },
    cut: {
      // of what cannot be told apart before it is here, most is not wanted
      most: search !== undefined && literal === undefined ? MOST_ROWS : Math.min(MOST_ROWS, limit),
      end: newestFirst ? 'last' : 'first',
    },
    compare: (a, b) => sign * comparePlaces(a, b),
    accepts: (record) =>
      (after === undefined || sign * comparePlaces(record, after) > 0) && holds(record),
  }
}

type Contains = NonNullable<RecordSelection['contains']>

const searchOf = (measurement: string, { field, text }: Contains) =>
  searchedFields(measurement).includes(field)
    ? {
        name: field,
        field: oneOf('_field', [field, copyOf(field)]),
        literal: foldedLiteral(text),
      }
    : { name: field, field: fieldIs(field), literal: searchLiteral(text) }

const holding = ({ field, text }: Contains): ((record: StoredRecord) => boolean) => {
  const folded = foldText(text)
  return ({ fields }) => {
    const own = fields[field]
    const copy = fields[copyOf(field)]
    return (
      (typeof copy === 'string' && copy.includes(folded)) ||
      (typeof own === 'string' && containsFolded(own, folded))
    )
  }
}

/** All that may hold the answer. The moment of the place before may hold more behind it, in other series. */
export const startOf = (
  { range, after, order }: RecordQuery,
  all: Ends,
  horizon: number | null,
): Stretch => {
  const from = momentAt(Math.max(range.from, all.first, horizon ?? -Infinity))
  const to = momentAt(Math.min(range.to, all.last + 1))
  if (after === undefined) return { from, to }
  return order === 'newest first'
    ? { from, to: earlier(to, justBehind(after)) }
    : { from: later(from, after), to }
}

/** The next so many milliseconds. */
export const takeFrom = ({ from, to }: Stretch, width: number, newestFirst: boolean): Stretch =>
  newestFirst
    ? { from: later(from, momentAt(to.at - Math.ceil(width))), to }
    : { from, to: earlier(to, momentAt(from.at + Math.ceil(width))) }

/** What is left of a stretch behind a part of it. */
export const behind = (whole: Stretch, part: Stretch, newestFirst: boolean): Stretch =>
  newestFirst ? { from: whole.from, to: part.from } : { from: part.to, to: whole.to }

/** As much of a stretch as an answer has whole. */
export const partOf = (
  { from, to }: Stretch,
  wholeTo: Moment | undefined,
  newestFirst: boolean,
): Stretch => {
  if (wholeTo === undefined) return { from, to }
  return newestFirst ? { from: wholeTo, to } : { from, to: justBehind(wholeTo) }
}
