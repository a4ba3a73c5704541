import { containsFolded, foldText } from '../../../points/fold-text.ts'
import { HOUR, MINUTE } from '../../../points/instant.ts'
import { canonicalTags } from '../../../points/point.ts'
import { comparePlaces, type StoredRecord } from '../../../points/record.ts'
import type { RecordQuery } from '../../records.ts'
import type { Ends } from '../ends.ts'
import type { Queries } from '../queries.ts'
import { collectRecords } from './rows.ts'
import { conditionsOf, fieldIs, rowsScript, type Stretch } from './scripts.ts'
import { searchLiteral } from './search.ts'

type Deps = {
  readonly queries: Queries
  readonly prefix: string
  /** The first and the last record of the dataset; undefined: there is none. */
  readonly span: (dataset: RecordQuery['dataset']) => Promise<Ends | undefined>
  /** Nothing is found before this. */
  readonly horizon: (dataset: RecordQuery['dataset']) => number | null
}

/** The first look; what is found says how wide the next has to be. */
const FIRST_MS = 10 * MINUTE
const LEAST_MS = 1_000
const GROWTH = 6
/** How many looks of different questions are remembered. */
const MOST_WIDTHS = 200
/** So many places are asked for by a range each; beyond, a look at everything between them is cheaper. */
const PLACES_A_SCRIPT = 50

/**
 * Finds records page by page. InfluxDB reads all that a range holds before it sorts and cuts, so a range is looked
 * through in stretches that grow until there are enough.
 */
export const createFinder = ({ queries, prefix, span, horizon }: Deps) => {
  /** How wide a stretch was good for a question like this one. */
  const widths = new Map<string, number>()

  const remember = (key: string, width: number) => {
    widths.delete(key)
    widths.set(key, width)
    const [oldest] = widths.keys()
    if (widths.size > MOST_WIDTHS && oldest !== undefined) widths.delete(oldest)
  }

  const rowsOf = (query: RecordQuery, conditions: readonly string[], stretch: Stretch) =>
    queries.ask(rowsScript(prefix, query.dataset, conditions, stretch), () =>
      collectRecords(query.measurement),
    )

  /** All records of a stretch that are meant, whole unless `contains` is asked for. */
  const look = async (
    query: RecordQuery,
    conditions: readonly string[],
    stretch: Stretch,
  ): Promise<readonly StoredRecord[]> => {
    const { contains } = query
    if (contains === undefined) return rowsOf(query, conditions, stretch)
    const literal = searchLiteral(contains.text)
    const found = await rowsOf(
      query,
      [
        ...conditions,
        fieldIs(contains.field),
        ...(literal === undefined ? [] : [`r["_value"] =~ ${literal}`]),
      ],
      stretch,
    )
    const folded = foldText(contains.text)
    return found.filter(({ fields }) => {
      const text = fields[contains.field]
      return typeof text === 'string' && containsFolded(text, folded)
    })
  }

  /** The same records with all their fields. */
  const whole = async (
    query: RecordQuery,
    conditions: readonly string[],
    found: readonly StoredRecord[],
  ): Promise<readonly StoredRecord[]> => {
    if (query.contains === undefined || found.length === 0) return found
    const instants = [...new Set(found.map(({ at }) => at as number))].toSorted((a, b) => a - b)
    const stretches = together(instants)
    const scripts: Promise<readonly StoredRecord[]>[] = []
    for (let from = 0; from < stretches.length; from += PLACES_A_SCRIPT) {
      const script = stretches
        .slice(from, from + PLACES_A_SCRIPT)
        .map((stretch, index) =>
          rowsScript(prefix, query.dataset, conditions, stretch, `r${index}`),
        )
        .join('\n\n')
      scripts.push(queries.ask(script, () => collectRecords(query.measurement)))
    }
    const wanted = new Set(found.map(placeOf))
    return (await Promise.all(scripts)).flat().filter((record) => wanted.has(placeOf(record)))
  }

  return async (query: RecordQuery): Promise<readonly StoredRecord[]> => {
    const { order, limit, after, range, dataset } = query
    const conditions = conditionsOf(query)
    const all = limit > 0 && conditions !== undefined ? await span(dataset) : undefined
    if (all === undefined || conditions === undefined) return []
    const newestFirst = order === 'newest first'
    const sign = newestFirst ? -1 : 1
    let from = Math.max(range.from, all.first, horizon(dataset) ?? -Infinity)
    let to = Math.min(range.to, all.last + 1)
    // the instant of the place itself may hold more behind it
    if (after !== undefined && newestFirst) to = Math.min(to, after.at + 1)
    if (after !== undefined && !newestFirst) from = Math.max(from, after.at)
    const isBehind = (record: StoredRecord) =>
      after === undefined || sign * comparePlaces(record, after) > 0

    const key = JSON.stringify([query.measurement, query.tags, query.anyOf, query.contains, order])
    const first = widths.get(key) ?? FIRST_MS
    let width = first
    const found: StoredRecord[] = []
    while (from < to) {
      const stretch = newestFirst
        ? { from: Math.max(from, to - width), to }
        : { from, to: Math.min(to, from + width) }
      const part = (await look(query, conditions, stretch)).filter(isBehind)
      found.push(...part.toSorted((a, b) => sign * comparePlaces(a, b)))
      if (found.length >= limit) {
        remember(key, suited(width, part.length, limit))
        break
      }
      if (newestFirst) to = stretch.from
      else from = stretch.to
      width *= GROWTH
    }
    return (await whole(query, conditions, found.slice(0, limit))).toSorted(
      (a, b) => sign * comparePlaces(a, b),
    )
  }
}

/** A width that would have held half as much again as was wanted. */
const suited = (width: number, found: number, limit: number): number =>
  Math.max(LEAST_MS, Math.min(24 * HOUR, (width * limit * 1.5) / Math.max(1, found)))

const placeOf = ({ at, seq, tags }: StoredRecord): string => `${at} ${seq} ${canonicalTags(tags)}`

/** Instants that are close to each other lie in one stretch. */
const together = (instants: readonly number[]): readonly Stretch[] => {
  const stretches: { from: number; to: number }[] = []
  for (const at of instants) {
    const last = stretches.at(-1)
    if (last !== undefined && at - last.to < LEAST_MS) last.to = at + 1
    else stretches.push({ from: at, to: at + 1 })
  }
  return stretches
}
