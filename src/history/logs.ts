import { log, LOG_LEVELS, type LogLevel } from '../catalog/records.ts'
import { containsFolded, foldText } from '../points/fold-text.ts'
import { instant, type Instant } from '../points/instant.ts'
import { canonicalTags, type Tags } from '../points/point.ts'
import type { StoredRecord } from '../points/record.ts'
import type { RecordPlace, RecordStore } from '../store/records.ts'
import { given, invalid, type Parameters } from './parameters.ts'
import { parseTime } from './time-input.ts'

/** Which records: `level` is the least, `text` a part of the message in any case. */
export type LogFilter = {
  readonly user?: string
  readonly level?: LogLevel
  readonly text?: string
}

export type LogQuestion = LogFilter & {
  /** Half-open. */
  readonly since: Instant
  readonly until: Instant
  readonly limit: number
  readonly after?: RecordPlace
}

/** A record as it is answered; times in milliseconds. */
export type LogEntry = {
  readonly id: string
  readonly user: string
  readonly level: LogLevel
  readonly msg: string
  readonly event_at: Instant | null
  readonly received_at: Instant | null
  readonly post_time: Instant | null
  readonly p_name: string
  readonly pid: number | null
  readonly p_description: string
  readonly level_original?: string
}

const LIMIT = { default: 200, most: 1_000 }
/** The first and the last instant that a store can hold. */
const EVER = { from: instant(-9_223_372_036_854), to: instant(9_223_372_036_854) }

export const isLogLevel = (text: string): text is LogLevel => LOG_LEVELS.some((one) => one === text)

/** A question from query parameters. Throws an AppError `invalid` with a sentence that names the parameter. */
export const parseLogQuestion = (parameters: Parameters): LogQuestion => {
  const time = (name: string) => {
    const text = given(parameters, name)
    return text === undefined ? undefined : parseTime(name, text)
  }
  const [since, until] = [time('since') ?? EVER.from, time('until') ?? EVER.to]
  if (since >= until) throw invalid('since must be before until')
  const cursor = given(parameters, 'cursor')
  return {
    ...parseLogFilter(parameters),
    since,
    until,
    limit: parseLimit(given(parameters, 'limit')),
    ...(cursor !== undefined && { after: parseCursor(cursor) }),
  }
}

/** Throws as `parseLogQuestion`. */
export const parseLogFilter = (parameters: Parameters): LogFilter => {
  const user = given(parameters, 'user')
  const level = given(parameters, 'level')?.trim().toLowerCase()
  const { text } = parameters
  if (level !== undefined && !isLogLevel(level))
    throw invalid(`level must be one of: ${LOG_LEVELS.join(', ')}`)
  return {
    ...(user !== undefined && { user }),
    ...(level !== undefined && { level }),
    ...(text !== undefined && text !== '' && { text }),
  }
}

const parseLimit = (text: string | undefined): number => {
  if (text === undefined) return LIMIT.default
  const limit = /^\+?\d+$/.test(text.trim()) ? Number(text) : 0
  if (limit < 1 || limit > LIMIT.most)
    throw invalid(`limit must be a whole number from 1 to ${LIMIT.most}`)
  return limit
}

/** The newest records first. `next` leads on to older ones, whatever has come meanwhile; null: there are none. */
export const findLogs = async (
  records: Pick<RecordStore, 'find'>,
  question: LogQuestion,
): Promise<{ readonly logs: readonly LogEntry[]; readonly next: string | null }> => {
  const { user, level, text, since, until, limit, after } = question
  const found = await records.find({
    dataset: log.dataset,
    measurement: log.measurement,
    range: { from: since, to: until },
    tags: user === undefined ? {} : { user },
    ...(level !== undefined && { anyOf: { level: levelsFrom(level) } }),
    ...(text !== undefined && { contains: { field: 'msg', text } }),
    order: 'newest first',
    // one more tells whether there is more
    limit: limit + 1,
    ...(after !== undefined && { after }),
  })
  const logs = found.slice(0, limit).map(toEntry)
  return { logs, next: found.length > limit ? (logs.at(-1)?.id ?? null) : null }
}

const levelsFrom = (least: LogLevel): readonly LogLevel[] =>
  LOG_LEVELS.slice(LOG_LEVELS.indexOf(least))

/** Whether a record that has just come is meant, as the store would say. */
export const logMatcher = ({ user, level, text }: LogFilter): ((record: LogLike) => boolean) => {
  const levels = new Set<string>(level === undefined ? LOG_LEVELS : levelsFrom(level))
  const wanted = text === undefined ? undefined : foldText(text)
  return ({ tags, fields }) =>
    (user === undefined || tags['user'] === user) &&
    levels.has(tags['level'] ?? '') &&
    (wanted === undefined || containsFolded(String(fields['msg'] ?? ''), wanted))
}

type LogLike = Pick<StoredRecord, 'tags' | 'fields'>

export const toEntry = ({ at, seq, tags, fields }: StoredRecord): LogEntry => {
  const text = (name: string) => String(fields[name] ?? '')
  const time = (name: string) => {
    const ms = fields[name]
    return typeof ms === 'number' ? instant(ms) : null
  }
  const pid = fields['pid']
  const original = fields['level_original']
  return {
    id: cursorOf({ at, seq, tags }),
    user: tags['user'] ?? '',
    level: levelIn(tags),
    msg: text('msg'),
    event_at: time('event_at'),
    received_at: time('received_at'),
    post_time: time('post_time'),
    p_name: text('p_name'),
    pid: typeof pid === 'number' ? pid : null,
    p_description: text('p_description'),
    ...(typeof original === 'string' && { level_original: original }),
  }
}

const levelIn = ({ level = 'info' }: Tags): LogLevel => (isLogLevel(level) ? level : 'info')

/** The place of a record as a text for URLs; it is also what names the record. */
const cursorOf = ({ at, seq, tags }: RecordPlace): string =>
  Buffer.from(`[${at},${seq},${canonicalTags(tags)}]`).toString('base64url')

const parseCursor = (text: string): RecordPlace => {
  const refused = () => invalid('cursor is none that this server has given')
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch {
    throw refused()
  }
  if (!Array.isArray(value)) throw refused()
  const [at, seq, tags]: unknown[] = value
  if (!isWhole(at) || !isWhole(seq) || !isTags(tags)) throw refused()
  return { at: instant(at), seq, tags }
}

const isWhole = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value)

const isTags = (value: unknown): value is Tags =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).every((one) => typeof one === 'string')
