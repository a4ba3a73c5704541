import { AppError } from '../app-error.ts'
import type { Instant } from '../points/instant.ts'
import { parseTime } from './time-input.ts'

/** The parameters of a query as they came: absent, or one text each. */
export type Parameters = Readonly<Record<string, string | undefined>>

export const invalid = (detail: string): AppError => new AppError({ code: 'invalid', detail })

/** The parameter's text; blank is absent, as an empty form field is. */
export const given = (parameters: Parameters, name: string): string | undefined => {
  const text = parameters[name]
  return text === undefined || text.trim() === '' ? undefined : text
}

/** Throws `<name> is required`. */
export const required = (parameters: Parameters, name: string): string => {
  const text = given(parameters, name)
  if (text === undefined) throw invalid(`${name} is required`)
  return text
}

const LIMIT = { default: 1_000, most: 10_000 }

/** `limit`: a whole number from 1 to 10000, 1000 without. */
export const parseLimit = (parameters: Parameters): number => {
  const text = given(parameters, 'limit')
  if (text === undefined) return LIMIT.default
  const limit = /^\+?\d+$/.test(text.trim()) ? Number(text) : 0
  if (limit < 1 || limit > LIMIT.most)
    throw invalid(`limit must be a whole number from 1 to ${LIMIT.most}`)
  return limit
}

const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['yes', true],
  ['false', false],
  ['0', false],
  ['no', false],
])

/** A flag, false without. */
export const parseFlag = (parameters: Parameters, name: string): boolean => {
  const text = given(parameters, name)
  if (text === undefined) return false
  const flag = FLAGS.get(text.trim().toLowerCase())
  if (flag === undefined) throw invalid(`${name} must be true or false`)
  return flag
}

export type Period = { readonly start: Instant; readonly end: Instant }

/** Two times that a range lies between. Throws `start_time must be before end_time`, whatever the parameters are called. */
export const parsePeriod = (parameters: Parameters, startName: string, endName: string): Period => {
  const start = parseTime(startName, required(parameters, startName))
  const end = parseTime(endName, required(parameters, endName))
  if (start >= end) throw invalid('start_time must be before end_time')
  return { start, end }
}
