import type { Point, Tags } from './point.ts'
import type { StoredRecord } from './record.ts'

/** A point as a line; null: no field is left to write. `seq` tells records of one millisecond apart. */
export type LineWriter = (point: Point, seq?: number) => string | null

/** Cleaned and escaped. */
type Texts = {
  measurement(text: string): string
  field(text: string): string
  tag(text: string): string
}

const lineWriter =
  (texts: Texts): LineWriter =>
  (point, seq = 0) => {
    let fields = ''
    for (const name in point.fields) {
      const value = point.fields[name]
      if (value === undefined || !Number.isFinite(value)) continue
      fields += `${fields === '' ? '' : ','}${texts.field(name)}=${number(value)}`
    }
    if (fields === '') return null
    return `${seriesText(texts, point.measurement, point.tags)} ${fields} ${nanoseconds(point.at, seq)}`
  }

const seriesText = (texts: Texts, measurement: string, tags: Tags): string => {
  let series = texts.measurement(measurement)
  for (const name of Object.keys(tags).toSorted())
    series += `,${texts.tag(name)}=${texts.tag(tags[name] ?? '')}`
  return series
}

/** -0 is written as 0; an exponent is fine in line protocol (it is not in Flux). */
const number = (value: number): string => String(value === 0 ? 0 : value)

// a backslash is data unless it stands before one of these, so it is not escaped itself
const escapeKey = (text: string): string =>
  /[,= ]/.test(text) ? text.replace(/[,= ]/g, escapeOne) : text
const escapeOne = (character: string): string => `\\${character}`

const PLAIN: Texts = {
  measurement: (text) => cleanMeasurement(text).replace(/[, ]/g, escapeOne),
  field: (text) => escapeKey(cleanField(text)),
  tag: (text) => escapeKey(cleanName(text)),
}

/**
 * One line of InfluxDB line protocol, nanoseconds (the instant's milliseconds, then `seq` in six digits).
 * Names and tag values are cleaned, tags sorted; every value is a float. Null: no field is left to write.
 */
export const toLine: LineWriter = (point, seq) => lineWriter(PLAIN)(point, seq)

/** As `toLine`, for thousands of points a second: the same names come again and again, and are cleaned once. */
export const createLineWriter = (): LineWriter => lineWriter(remembering())

const remembering = (): Texts => ({
  measurement: remembered(PLAIN.measurement),
  field: remembered(PLAIN.field),
  tag: remembered(PLAIN.tag),
})

/** A record as a line; `text` makes a text as it is to be stored. */
export type RecordLineWriter = (record: StoredRecord, text?: (text: string) => string) => string

/** As `createLineWriter`, for records: fields may be texts. Undefined fields are for the caller to leave out. */
export const createRecordWriter = (): RecordLineWriter => {
  const texts = remembering()
  return ({ measurement, tags, at, seq, fields }, text = (value) => value) => {
    let written = ''
    for (const name in fields) {
      const value = fields[name] ?? 0
      const cell = typeof value === 'number' ? number(value) : quoted(text(value))
      written += `${written === '' ? '' : ','}${texts.field(name)}=${cell}`
    }
    return `${seriesText(texts, measurement, tags)} ${written} ${nanoseconds(at, seq)}`
  }
}

/** Only these two mean something in a quoted string; line breaks are data. */
const quoted = (text: string): string =>
  `"${/["\\]/.test(text) ? text.replace(/["\\]/g, escapeOne) : text}"`

/** Digits put behind one another: nanoseconds of our days are beyond what a number holds. */
const nanoseconds = (at: number, seq: number): string =>
  at >= 0 ? `${at}${String(seq).padStart(6, '0')}` : String(BigInt(at) * 1_000_000n + BigInt(seq))

const MOST_REMEMBERED = 10_000
const LONGEST_REMEMBERED = 100

const remembered = (make: (text: string) => string): ((text: string) => string) => {
  const made = new Map<string, string>()
  return (text) => {
    const known = made.get(text)
    if (known !== undefined) return known
    const fresh = make(text)
    if (text.length > LONGEST_REMEMBERED) return fresh
    if (made.size >= MOST_REMEMBERED) made.clear()
    made.set(text, fresh)
    return fresh
  }
}

/** InfluxDB refuses keys and tag values of 64 KiB, with the whole batch; a name near that is not a name. */
const MOST_NAME_BYTES = 1_024

/**
 * A name or tag value as every store can hold it: no control characters (a line break would end the line), no
 * backslash at the end (it would escape the separator), at most 1,024 bytes, never empty (`_`).
 */
export const cleanName = (text: string): string => {
  if (/^[\w./:-]{1,256}$/.test(text)) return text
  const plain = cut(text.toWellFormed().replace(/\p{Cc}/gu, ' '))
  const clean = plain.replace(/\\+$/, '')
  return clean === '' ? '_' : clean
}

/** As `cleanName`, without backslashes: InfluxDB takes them for escapes in some places and loses the row. */
export const cleanField = (text: string): string => cleanName(text).replaceAll('\\', '_')

/** As `cleanField`; a line that begins with # would be a comment, and nothing escapes it. */
export const cleanMeasurement = (text: string): string => cleanField(text).replace(/^#/, '_')

const cut = (text: string): string => {
  if (text.length <= MOST_NAME_BYTES / 4) return text
  const bytes = Buffer.from(text)
  if (bytes.length <= MOST_NAME_BYTES) return text
  // a character that the cut has broken is left out
  return bytes
    .subarray(0, MOST_NAME_BYTES)
    .toString('utf8')
    .replace(/\uFFFD+$/, '')
}
