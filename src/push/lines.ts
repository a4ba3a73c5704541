import type { IngestToken } from '../accounts/accounts.ts'
import { mayPush } from '../accounts/token-scope.ts'
import { AppError } from '../app-error.ts'
import { HOST_MEASUREMENTS, findSeries } from '../catalog/catalog.ts'
import type { Dataset } from '../catalog/datasets.ts'
import { layoutTag } from '../catalog/metric.ts'
import { eventDuration, log, LOG_LEVELS } from '../catalog/records.ts'
import { MINUTE, type Instant } from '../points/instant.ts'
import { cleanField, cleanMeasurement, cleanName } from '../points/line-protocol.ts'
import { parseLines, type ParsedLine, type Precision } from '../points/parse-line.ts'
import { seriesKey, type Point, type Tags } from '../points/point.ts'
import { SEQ_LIMIT, TEXT_LIMIT_BYTES, type NewRecord } from '../points/record.ts'

/** The buckets that can be pushed into. */
export const PUSH_BUCKETS = [
  'pushed',
  'metrics',
  'events',
  'logs',
] as const satisfies readonly Dataset[]
export type PushBucket = (typeof PUSH_BUCKETS)[number]

/** What a body comes to. */
export type Taken = {
  readonly points: readonly Point[]
  readonly records: readonly NewRecord[]
  /** Lines that are not stored, with why; the first is told to the client. */
  readonly dropped: readonly string[]
  /** Lines of which something is stored, or that held nothing but strings. */
  readonly good: number
  /** Values that are no numbers. */
  readonly droppedStrings: number
  /** Lines from too far ahead, stamped on arrival. */
  readonly restamped: number
}

export type LineDeps = {
  readonly token: IngestToken
  readonly bucket: PushBucket
  readonly precision: Precision
  readonly now: Instant
  /** Nothing older is kept; null: for good. */
  readonly oldestKept: Instant | null
  /** The title of a project as it is kept; null: there is none. */
  readonly projectOf: (title: string) => Promise<string | null>
  readonly admits: (series: string) => boolean
}

/** Points further ahead than this are stamped on arrival. */
const MOST_AHEAD_MS = 10 * MINUTE

/** Reads a body line by line. Throws AppError `forbidden` for a line that the token may not write. */
export const takeLines = async (text: string, deps: LineDeps): Promise<Taken> => {
  const points: Point[] = []
  const records: NewRecord[] = []
  const dropped: string[] = []
  let good = 0
  let droppedStrings = 0
  let restamped = 0
  for (const line of parseLines(text, deps.precision)) {
    if (line.kind === 'bad') {
      dropped.push(line.why)
      continue
    }
    const made = await madeOf(line, deps)
    switch (made.kind) {
      case 'dropped':
        dropped.push(made.why)
        continue
      case 'point':
        points.push(made.point)
        droppedStrings += made.strings
        break
      case 'record':
        records.push(made.record)
        break
      case 'empty':
        droppedStrings += made.strings
        break
    }
    good += 1
    if (isAhead(line, deps.now)) restamped += 1
  }
  return { points, records, dropped, good, droppedStrings, restamped }
}

type Made =
  | { readonly kind: 'point'; readonly point: Point; readonly strings: number }
  | { readonly kind: 'record'; readonly record: NewRecord }
  /** Nothing but strings: that is no failure, Telegraf sends such lines. */
  | { readonly kind: 'empty'; readonly strings: number }
  | { readonly kind: 'dropped'; readonly why: string }

const dropped = (why: string): Made => ({ kind: 'dropped', why })

const madeOf = async (line: ParsedLine, deps: LineDeps): Promise<Made> => {
  const at = instantOf(line, deps.now)
  if (deps.oldestKept !== null && at < deps.oldestKept)
    return dropped(`point of ${line.measurement} is older than the retention of ${deps.bucket}`)
  switch (deps.bucket) {
    case 'pushed':
      return pushedOf(line, at, deps)
    case 'metrics':
      return metricOf(line, at, deps)
    case 'events':
      return eventOf(line, at, deps)
    case 'logs':
      return logOf(line, at, deps)
  }
}

const isAhead = ({ time }: ParsedLine, now: Instant): boolean =>
  time !== undefined && time.at > now + MOST_AHEAD_MS

const instantOf = (line: ParsedLine, now: Instant): Instant =>
  line.time === undefined || isAhead(line, now) ? now : line.time.at

/** Anything, as numbers, under names that every store can hold. */
const pushedOf = (line: ParsedLine, at: Instant, deps: LineDeps): Made => {
  const measurement = cleanMeasurement(line.measurement)
  const tags = cleanTags(line.tags)
  tags['host'] ??= cleanName(deps.token.name)
  checkScope(deps, { measurement, tags })
  const fields: Record<string, number> = Object.create(null) as Record<string, number>
  let strings = 0
  for (const [name, value] of Object.entries(line.fields))
    if (typeof value === 'number') fields[cleanField(name)] = value
    else strings += 1
  if (Object.keys(fields).length === 0) return { kind: 'empty', strings }
  if (!deps.admits(seriesKey(measurement, tags))) return tooManySeries(deps.token)
  return { kind: 'point', point: { measurement, tags, fields, at }, strings }
}

/** Series of the catalogue only: what a host sends of itself. */
const metricOf = (line: ParsedLine, at: Instant, deps: LineDeps): Made => {
  const { measurement } = line
  const series = HOST_MEASUREMENTS.includes(measurement) ? findSeries(measurement) : undefined
  if (series === undefined) return dropped(`${measurement} is no measurement of host metrics`)
  const tags = cleanTags(line.tags)
  checkScope(deps, { measurement, tags })
  const own = layoutTag(series.layout)
  const wanted = own === undefined ? ['host'] : ['host', own]
  const has = Object.keys(tags)
  if (has.length !== wanted.length || !wanted.every((name) => has.includes(name)))
    return dropped(`${measurement} must have the tags ${wanted.join(' and ')}, and no others`)
  const fields: Record<string, number> = {}
  for (const [name, value] of Object.entries(line.fields)) {
    if (!Object.hasOwn(series.fields, name)) return dropped(`${measurement} has no field ${name}`)
    if (typeof value !== 'number') return dropped(`${measurement}: ${name} must be a number`)
    fields[name] = value
  }
  if (!deps.admits(seriesKey(measurement, tags))) return tooManySeries(deps.token)
  return { kind: 'point', point: { measurement, tags, fields, at }, strings: 0 }
}

const eventOf = async (line: ParsedLine, at: Instant, deps: LineDeps): Promise<Made> => {
  const { measurement } = eventDuration
  if (line.measurement !== measurement) return dropped(`events takes ${measurement} only`)
  const tags = cleanTags(line.tags)
  const { project: title = '', metric = '' } = tags
  const duration = line.fields['duration_ms']
  if (metric === '') return dropped(`${measurement} needs the tag metric`)
  if (typeof duration !== 'number' || duration < 0)
    return dropped(`${measurement}: duration_ms must be a number from 0`)
  const project = await deps.projectOf(title)
  if (project === null) return dropped(`there is no project ${title}`)
  const own = { project, metric }
  checkScope(deps, { measurement, tags: { ...tags, ...own } })
  if (!deps.admits(seriesKey(measurement, own))) return tooManySeries(deps.token)
  return {
    kind: 'record',
    record: { measurement, tags: own, at, ...seqOf(line), fields: { duration_ms: duration } },
  }
}

const LOG_TEXTS = ['p_name', 'p_description'] as const

const logOf = (line: ParsedLine, at: Instant, deps: LineDeps): Made => {
  const { measurement } = log
  if (line.measurement !== measurement) return dropped(`logs takes ${measurement} only`)
  const given = cleanTags(line.tags)
  checkScope(deps, { measurement, tags: given })
  const { msg, pid } = line.fields
  if (msg === undefined) return dropped(`${measurement} needs the field msg`)
  const level = LOG_LEVELS.find((one) => one === given['level']?.toLowerCase())
  const tags = { user: given['user'] ?? cleanName(deps.token.name), level: level ?? 'info' }
  const texts = LOG_TEXTS.flatMap((name) => {
    const value = line.fields[name]
    return value === undefined ? [] : [[name, String(value)] as const]
  })
  const fields = {
    msg: String(msg),
    ...Object.fromEntries(texts),
    ...(typeof pid === 'number' && { pid }),
    received_at: deps.now,
    ...(line.time !== undefined && { event_at: line.time.at }),
    ...(level === undefined && given['level'] !== undefined && { level_original: given['level'] }),
  }
  for (const [name, value] of Object.entries(fields))
    if (typeof value === 'string' && Buffer.byteLength(value) > TEXT_LIMIT_BYTES)
      return dropped(`${measurement}: ${name} is longer than ${TEXT_LIMIT_BYTES} bytes`)
  if (!deps.admits(seriesKey(measurement, tags))) return tooManySeries(deps.token)
  return { kind: 'record', record: { measurement, tags, at, ...seqOf(line), fields } }
}

/**
 * A line that is sent again is the same record: its nanoseconds tell it from others, and where the client has none, what
 * it says. Without a time it is a new one each time.
 */
const seqOf = ({ time, text }: ParsedLine): { readonly seq?: number } => {
  if (time === undefined) return {}
  return { seq: time.seq === 0 ? hashOf(text) % SEQ_LIMIT : time.seq }
}

/** FNV-1a, 32 bits. */
const hashOf = (text: string): number => {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1)
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0
  return hash
}

const cleanTags = (tags: Tags): Record<string, string> =>
  Object.fromEntries(
    Object.entries(tags).map(([name, value]) => [cleanName(name), cleanName(value)] as const),
  )

const checkScope = (
  { token, bucket }: LineDeps,
  { measurement, tags }: { readonly measurement: string; readonly tags: Tags },
): void => {
  const { host = null, project = null } = tags
  if (mayPush(token, { dataset: bucket, measurement, host, project })) return
  throw new AppError({
    code: 'forbidden',
    detail: `the token ${token.name} may not write ${measurement} into ${bucket}`,
  })
}

const tooManySeries = (token: IngestToken): Made =>
  dropped(`the token ${token.name} may write ${token.maxSeries} series, and has`)
