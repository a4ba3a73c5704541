import type { z } from '@hono/zod-openapi'
import { AppError } from '../app-error.ts'

const invalid = (detail: string) => new AppError({ code: 'invalid', detail })

/** The value in the form of the schema; else `invalid` with one sentence that names the field. */
export const parseInput = <S extends z.ZodType>(schema: S, value: unknown): z.output<S> => {
  const parsed = schema.safeParse(value, { error: sentence })
  if (parsed.success) return parsed.data
  throw invalid(parsed.error.issues[0]?.message ?? 'The request is not valid')
}

/** The JSON of a body; `invalid` for what is none. An empty body is an empty object: all its fields are missing. */
export const parseJson = (body: Buffer): unknown => {
  if (body.length === 0) return {}
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    throw invalid('The request body is not valid JSON')
  }
}

type Issue = z.core.$ZodRawIssue

const sentence = (issue: Issue): string => {
  const field = (issue.path ?? []).join('.')
  return field === '' ? 'The request body must be a JSON object' : `${field} ${complaint(issue)}`
}

const complaint = (issue: Issue): string => {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'is required'
      return `must be ${KINDS[issue.expected] ?? issue.expected}`
    case 'invalid_value':
      if (issue.input === undefined) return 'is required'
      return `must be one of: ${issue.values.map(String).sort().join(', ')}`
    case 'too_small':
      return `must be at least ${amount(issue.minimum, issue.origin)}`
    case 'too_big':
      return `must be at most ${amount(issue.maximum, issue.origin)}`
    default:
      return 'is not valid'
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
}

const amount = (limit: number | bigint, origin: string): string =>
  origin === 'string' ? `${limit} character${limit === 1 ? '' : 's'} long` : String(limit)
