import { AppError } from '../app-error.ts'
import type { Dataset } from '../catalog/datasets.ts'
import type { Point } from '../points/point.ts'

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
    if (!Number.isInteger(point.at) || point.at < EARLIEST || point.at > LATEST)
      throw invalid(point, 'the time must be whole milliseconds between the years 1677 and 2262')
    for (const tag in point.tags) {
      const value: unknown = point.tags[tag]
      if (typeof value !== 'string') throw invalid(point, `the tag ${tag} must be text`)
    }
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

const invalid = (point: Point, why: string): AppError =>
  new AppError({ code: 'invalid', detail: `${point.measurement}: ${why}.` })
