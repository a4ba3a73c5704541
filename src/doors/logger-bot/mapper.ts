import { log, LOG_LEVELS, type LogLevel } from '../../catalog/records.ts'
import { parseTime } from '../../history/time-input.ts'
import { MINUTE, type Instant } from '../../points/instant.ts'
import { TEXT_LIMIT_BYTES, type NewRecord } from '../../points/record.ts'
import type { Batch } from './wire.ts'

/** Of a record, without what tells it apart from others of its instant. */
export type LogRecord = NewRecord & {
  readonly tags: { readonly user: string; readonly level: LogLevel }
}

/** A record that claims to be of later than this stands at its arrival. */
const MOST_AHEAD_MS = 10 * MINUTE

/**
 * The records of a batch, in its order. A record stands at its `event_at` while that is within the retention and not
 * far ahead, else at its arrival.
 */
export const toRecords = (
  batch: Batch,
  user: string,
  now: Instant,
  oldestKept: Instant | null,
): readonly LogRecord[] => {
  const postTime = timeOf(batch.post_time)
  return batch.logs.map((sent) => {
    const { level, msg, event_at, p_description } = partsOf(sent)
    const eventAt = timeOf(event_at)
    const known = levelOf(level)
    return {
      measurement: log.measurement,
      tags: { user, level: known ?? 'info' },
      at: eventAt !== undefined && isKeepable(eventAt, now, oldestKept) ? eventAt : now,
      fields: {
        msg: cut(textOf(msg)),
        p_name: cut(batch.p_name),
        pid: batch.pid,
        p_description: cut(textOf(p_description)),
        received_at: now,
        ...(eventAt !== undefined && { event_at: eventAt }),
        ...(postTime !== undefined && { post_time: postTime }),
        ...(known === undefined && { level_original: cut(textOf(level)) }),
      },
    }
  })
}

type Parts = Readonly<Record<'level' | 'msg' | 'event_at' | 'p_description', unknown>>

/** What is no object is a message without anything around it. */
const partsOf = (sent: unknown): Parts =>
  typeof sent === 'object' && sent !== null && !Array.isArray(sent)
    ? {
        level: own(sent, 'level'),
        msg: own(sent, 'msg'),
        event_at: own(sent, 'event_at'),
        p_description: own(sent, 'p_description'),
      }
    : { level: 'info', msg: sent, event_at: undefined, p_description: '' }

const own = (object: object, key: string): unknown =>
  Object.hasOwn(object, key) ? (object as Readonly<Record<string, unknown>>)[key] : undefined

/** By name, or by Python's number, the nearest below; undefined: it is none of ours. */
export const levelOf = (level: unknown): LogLevel | undefined => {
  if (typeof level === 'number') return ofNumber(level)
  if (typeof level !== 'string') return undefined
  const name = level.trim().toLowerCase()
  if (/^-?\d+(\.\d+)?$/.test(name)) return ofNumber(Number(name))
  return LOG_LEVELS.find((one) => one === name)
}

/** 10 debug, 20 info, … 50 critical. */
const ofNumber = (level: number): LogLevel | undefined =>
  Number.isNaN(level)
    ? undefined
    : LOG_LEVELS[Math.min(LOG_LEVELS.length, Math.max(1, Math.floor(level / 10))) - 1]

/** ISO, without a zone UTC; undefined: it is no time. */
const timeOf = (value: unknown): Instant | undefined => {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  try {
    return parseTime('event_at', String(value))
  } catch {
    return undefined
  }
}

const isKeepable = (at: Instant, now: Instant, oldestKept: Instant | null): boolean =>
  at <= now + MOST_AHEAD_MS && (oldestKept === null || at >= oldestKept)

const textOf = (value: unknown): string => {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const MARK = ' … [cut]'

/** At most what a store can hold; where something is missing, the end says so. */
export const cut = (text: string): string => {
  if (text.length <= TEXT_LIMIT_BYTES / 4) return text
  const bytes = Buffer.from(text)
  if (bytes.length <= TEXT_LIMIT_BYTES) return text
  const room = TEXT_LIMIT_BYTES - Buffer.byteLength(MARK)
  // a character that the cut has broken is left out
  return (
    bytes
      .subarray(0, room)
      .toString('utf8')
      .replace(/\uFFFD+$/, '') + MARK
  )
}
