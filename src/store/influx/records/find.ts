import { HOUR } from '../../../points/instant.ts'
import { comparePlaces, type StoredRecord } from '../../../points/record.ts'
import type { RecordQuery } from '../../records.ts'
import type { Ends } from '../ends.ts'
import type { Queries } from '../queries.ts'
import {
  compareMoments,
  earlier,
  isEmpty,
  later,
  momentAt,
  type Moment,
  type Stretch,
} from './moment.ts'
import { behind, partOf, prepare, startOf, takeFrom, type Question } from './question.ts'
import { collectRecords, collectTime, type Found } from './rows.ts'
import { countsScript, endScript, rowsScript } from './scripts.ts'
import { createWhole } from './whole.ts'
import { createWidths, FIRST_MS } from './widths.ts'

type Deps = {
  readonly queries: Queries
  readonly prefix: string
  /** The first and the last record of the dataset; undefined: there is none. */
  readonly span: (dataset: RecordQuery['dataset']) => Promise<Ends | undefined>
  /** Nothing is found before this. */
  readonly horizon: (dataset: RecordQuery['dataset']) => number | null
}

const GROWTH = 6
/** So long without anything: it is asked where there is something. */
const GAP_MS = 6 * HOUR
const NOTHING: Stretch = { from: momentAt(0), to: momentAt(0) }
/** InfluxDB works at a script on one core: so many texts are looked through in two halves at once. */
const HALVED_FROM_ROWS = 60_000
/** Half a second's work for it. */
const MOST_ROWS = 2_000_000

/**
 * Finds records page by page. InfluxDB reads all that a range holds before it sorts and cuts, so a range is looked
 * through in stretches that grow until there are enough, and of each series no more is fetched than the answer may be.
 */
export const createFinder = ({ queries, prefix, span, horizon }: Deps) => {
  const widths = createWidths()
  const whole = createWhole(queries)

  /** What is found of a stretch, and how many texts there were to look at. */
  const look = async ({ query, rows, texts, cut }: Question, stretch: Stretch): Promise<Found> => {
    const script =
      texts === undefined
        ? rowsScript(rows, stretch, { cut })
        : `${rowsScript(texts.matching, stretch, { cut, result: 'rows' })}\n\n${countsScript(texts.all, stretch)}`
    return queries.ask(script, () => collectRecords(query.measurement, cut))
  }

  /** What is left of a stretch from where there is anything. */
  const behindGap = async (question: Question, stretch: Stretch): Promise<Stretch> => {
    if (isEmpty(stretch)) return NOTHING
    const { rows, texts, newestFirst } = question
    const script = endScript(texts?.all ?? rows, stretch, newestFirst ? 'last' : 'first')
    const at = await queries.ask(script, collectTime)
    if (at === undefined) return NOTHING
    return newestFirst
      ? { from: stretch.from, to: earlier(stretch.to, momentAt(at + 1)) }
      : { from: later(stretch.from, momentAt(at)), to: stretch.to }
  }

  return async (query: RecordQuery): Promise<readonly StoredRecord[]> => {
    const { dataset, limit } = query
    const question = prepare(prefix, query)
    const all = question && (await span(dataset))
    if (question === undefined || all === undefined) return []
    const { newestFirst, compare, accepts } = question

    const found: StoredRecord[] = []
    /** What was looked at, in milliseconds, and the records or texts in it. */
    const seen = { ms: 0, rows: 0 }
    const rate = () => seen.rows / Math.max(1, seen.ms)

    /** Looks through a stretch until there are enough. */
    const lookThrough = async (stretch: Stretch, first = look(question, stretch)) => {
      const { counted, records: some } = await first
      seen.ms += stretch.to.at - stretch.from.at
      seen.rows += Math.max(counted, some.length)
      for (let rest = stretch, answer = first; !isEmpty(rest) && found.length < limit;) {
        const { records, wholeTo } = await answer
        const part = partOf(rest, wholeTo, newestFirst)
        found.push(...records.filter((one) => isIn(part, one) && accepts(one)).toSorted(compare))
        rest = behind(rest, part, newestFirst)
        if (!isEmpty(rest) && found.length < limit) answer = look(question, rest)
      }
    }
    const lookThroughHalves = async (stretch: Stretch) => {
      const near = takeFrom(stretch, (stretch.to.at - stretch.from.at) / 2, newestFirst)
      const far = behind(stretch, near, newestFirst)
      const answer = look(question, far)
      // it may not be needed, and then nobody hears of its failure
      answer.catch(() => undefined)
      await lookThrough(near)
      if (found.length < limit) await lookThrough(far, answer)
    }

    let width = widths.of(query)
    let rest = startOf(query, all, horizon(dataset))
    while (!isEmpty(rest) && found.length < limit) {
      if (rate() > 0) width = Math.min(width, MOST_ROWS / rate())
      const stretch = takeFrom(rest, width, newestFirst)
      const before = seen.rows
      if (question.texts !== undefined && rate() * width >= HALVED_FROM_ROWS)
        await lookThroughHalves(stretch)
      else await lookThrough(stretch)
      rest = behind(rest, stretch, newestFirst)
      const isGap = seen.rows === before && width >= GAP_MS
      if (isGap) rest = await behindGap(question, rest)
      width = isGap ? FIRST_MS : width * GROWTH
    }
    if (question.texts !== undefined) widths.saw(query, rate())
    const page = found.slice(0, limit)
    if (page.length === limit) widths.learn(query, msBetween(page))
    if (question.texts === undefined) return page
    const inTime = page.toSorted(comparePlaces)
    return (await whole(question.rows, inTime, msBetween(page) * rate())).toSorted(compare)
  }
}

const isIn = ({ from, to }: Stretch, moment: Moment): boolean =>
  compareMoments(from, moment) <= 0 && compareMoments(moment, to) < 0

const msBetween = (page: readonly StoredRecord[]): number =>
  Math.abs((page[0]?.at ?? 0) - (page.at(-1)?.at ?? 0))
