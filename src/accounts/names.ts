import { AppError } from '../app-error.ts'

const LONGEST_NAME = 64
/**
 * Control characters, halves of surrogate pairs (SQLite would replace them), the `:` of HTTP Basic, and a `\` at the
 * end: a name is the tag of what its account sends, and InfluxDB cannot hold a tag that ends so. Two names must never
 * become one tag.
 */
const FORBIDDEN = /[\p{Cc}\p{Cs}:]|\\$/u

/** A name as it is shown, and the key under which it is unique. */
export type Name = { readonly text: string; readonly key: string }

/** The name of a user or token: 1..64 characters without `:` and control characters; else AppError `invalid`. */
export const parseName = (value: unknown, field: string): Name => {
  if (typeof value !== 'string') throw invalid(`${field} must be a string`)
  const text = value.normalize('NFC')
  if (text === '' || isLongerThan(text, LONGEST_NAME)) {
    throw invalid(`${field} must be 1 to ${LONGEST_NAME} characters long`)
  }
  if (FORBIDDEN.test(text))
    throw invalid(`${field} must not contain ":" or control characters, or end in "\\"`)
  return { text, key: nameKey(text) }
}

/** The same for every spelling of a name. Upper case first: a final sigma and ß have one lower case each way. */
export const nameKey = (name: string): string =>
  name.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC')

/** The key of what somebody gave as a name; null: it can be none. */
export const keyOfGiven = (value: unknown): string | null => {
  try {
    return parseName(value, 'username').key
  } catch {
    return null
  }
}

/** Surfaces of the server, which a project in their place would hide. */
const RESERVED_TITLES = [
  'private',
  'login',
  'api',
  'cpu',
  'mood',
  'register',
  'send_logs',
  'create_user',
  'health',
  'metrics',
  'docs',
] as const

/** The title of a project: one path segment of 1..64 letters, digits, `_ . -`; else AppError `invalid`. */
export const parseTitle = (value: unknown): Name => {
  if (typeof value !== 'string') throw invalid('title must be a string')
  if (!/^[A-Za-z0-9_.-]{1,64}$/.test(value) || value === '.' || value === '..') {
    throw invalid('title must be 1 to 64 letters, digits, "_", "." or "-"')
  }
  const key = nameKey(value)
  if (RESERVED_TITLES.some((reserved) => reserved === key)) {
    throw invalid(`title must not be ${key}, which is a path of the server`)
  }
  return { text: value, key }
}

/** The key of what somebody gave as a title; null: no project can have it. */
export const titleKeyOfGiven = (value: unknown): string | null => {
  try {
    return parseTitle(value).key
  } catch {
    return null
  }
}

/** Counts characters, not UTF-16 units: an emoji is one. */
export const isLongerThan = (text: string, limit: number): boolean => {
  if (text.length <= limit) return false
  if (text.length > 2 * limit) return true
  return Array.from(text).length > limit
}

const invalid = (detail: string) => new AppError({ code: 'invalid', detail })
