import type { Point } from './point.ts'

/**
 * One line of InfluxDB line protocol, nanoseconds (the instant's milliseconds, then `seq` in six digits).
 * Names and tag values are cleaned, tags sorted; every value is a float. Null: no field is left to write.
 */
export const toLine = (point: Point, seq = 0): string | null => {
  const fields: string[] = []
  for (const name in point.fields) {
    const value = point.fields[name]
    if (value === undefined || !Number.isFinite(value)) continue
    fields.push(`${escapeKey(cleanName(name))}=${number(value)}`)
  }
  if (fields.length === 0) return null
  const time = `${point.at}${String(seq).padStart(6, '0')}`
  return `${seriesOf(point)} ${fields.join(',')} ${time}`
}

const seriesOf = ({ measurement, tags }: Point): string => {
  let text = cleanName(measurement).replace(/[, ]/g, escapeOne)
  for (const name of Object.keys(tags).toSorted())
    text += `,${escapeKey(cleanName(name))}=${escapeKey(cleanName(tags[name] ?? ''))}`
  return text
}

/** -0 is written as 0; an exponent is fine in line protocol (it is not in Flux). */
const number = (value: number): string => String(value === 0 ? 0 : value)

// a backslash is data unless it stands before one of these, so it is not escaped itself
const escapeKey = (text: string): string =>
  /[,= ]/.test(text) ? text.replace(/[,= ]/g, escapeOne) : text
const escapeOne = (character: string): string => `\\${character}`

/** InfluxDB refuses keys and tag values of 64 KiB, with the whole batch; a name near that is not a name. */
const MOST_NAME_BYTES = 1_024

/**
 * A name or tag value as every store can hold it: no control characters (a line break would end the line), no
 * backslash at the end (it would escape the separator), at most 1,024 bytes, never empty (`_`).
 */
export const cleanName = (text: string): string => {
  if (/^[\w./:-]{1,256}$/.test(text)) return text
  const plain = cut(
    text
      .toWellFormed()
      .replace(/\p{Cc}/gu, ' ')
      .trim(),
  )
  const clean = plain.replace(/[\\\s]+$/, '')
  return clean === '' ? '_' : clean
}

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
