import { AppError } from '../app-error.ts'
import type { Dataset } from '../catalog/datasets.ts'
import type { Point } from '../points/point.ts'
import { cleanText, SEQ_LIMIT, TEXT_LIMIT_BYTES, type NewRecord } from '../points/record.ts'

/** What nanoseconds in 64 bits can hold, so that both stores take the same instants. */
const EARLIEST = -9_223_372_036_854
const LATEST = 9_223_372_036_854

/** SQLite cuts a text at NUL, and a lone surrogate is no character. */
const UNKEEPABLE = /[\0\p{Cs}]/u

/**
 * Throws an AppError `invalid` for points that cannot be stored exactly: types are no protection against what a
 * socket brings. Null and undefined fields are "no value", and allowed.
 */
export const validate = (dataset: Dataset, points: readonly Point[]) => {
  for (const point of points) {
    checkName('measurement', point.measurement)
    checkTime(point, LATEST)
    checkTags(point)
    const host = point.tags['host']
    if (host !== undefined && UNKEEPABLE.test(host))
      throw invalid(point, 'the tag host has a character that cannot be stored')
    if (dataset === 'metrics' && (host === undefined || host === ''))
      throw invalid(point, 'a point of the host metrics needs the tag host')
    for (const field in point.fields) {
      const value: unknown = point.fields[field]
      if (value === null || value === undefined) continue
      checkName('field', field)
      if (typeof value !== 'number' || !Number.isFinite(value))
        throw invalid(point, `the field ${field} must be a finite number`)
    }
  }
}

const checkName = (what: string, name: unknown) => {
  if (typeof name !== 'string' || name === '' || UNKEEPABLE.test(name))
    throw new AppError({
      code: 'invalid',
      detail: `The name of a ${what} must be text without NUL characters.`,
    })
}

const checkTime = (point: Stamped, latest: number) => {
  if (!Number.isInteger(point.at) || point.at < EARLIEST || point.at > latest)
    throw invalid(point, 'the time must be whole milliseconds between the years 1677 and 2262')
}

const checkTags = (point: Stamped) => {
  for (const tag in point.tags) {
    const value: unknown = point.tags[tag]
    if (typeof value !== 'string') throw invalid(point, `the tag ${tag} must be text`)
  }
}

/**
 * Records as they are kept: texts and tags without what no store can hold (`cleanText`), fields of null or undefined
 * left out. Throws an AppError `invalid` for one that cannot be kept.
 */
export const validateRecords = (records: readonly NewRecord[]): readonly NewRecord[] =>
  records.map((record) => {
    checkName('measurement', record.measurement)
    // With `seq` an instant is nanoseconds, so the last millisecond is not whole.
    checkTime(record, LATEST - 1)
    checkTags(record)
    const { seq } = record
    if (seq !== undefined && !(Number.isInteger(seq) && seq >= 0 && seq < SEQ_LIMIT))
      throw invalid(record, `seq must be a whole number below ${SEQ_LIMIT}`)
    const fields = fieldsOf(record)
    if (fields.length === 0) throw invalid(record, 'a record needs a field')
    return { ...record, tags: cleanTags(record.tags), fields: Object.fromEntries(fields) }
  })

const fieldsOf = (record: NewRecord): [string, number | string][] => {
  const fields: [string, number | string][] = []
  for (const field in record.fields) {
    const value: unknown = record.fields[field]
    if (value === null || value === undefined) continue
    checkName('field', field)
    if (typeof value === 'number' && Number.isFinite(value)) {
      // A negative zero is a zero, whatever the store.
      fields.push([field, value + 0])
    } else if (typeof value === 'string') {
      const text = cleanText(value)
      if (Buffer.byteLength(text) > TEXT_LIMIT_BYTES)
        throw invalid(record, `the field ${field} is longer than ${TEXT_LIMIT_BYTES} bytes`)
      fields.push([field, text])
    } else throw invalid(record, `the field ${field} must be a finite number or a text`)
  }
  return fields
}

const cleanTags = (tags: NewRecord['tags']): NewRecord['tags'] =>
  Object.fromEntries(
    Object.entries(tags).map(([name, value]) => [cleanText(name), cleanText(value)]),
  )

type Stamped = Pick<Point, 'measurement' | 'tags' | 'at'>

const invalid = (point: Stamped, why: string): AppError =>
  new AppError({ code: 'invalid', detail: `${point.measurement}: ${why}.` })
