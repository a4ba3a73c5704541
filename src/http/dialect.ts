import { AppError, type ErrorCode } from '../app-error.ts'
import { HttpRefusal } from './refusal.ts'
import type { Failure, Surface } from './surface.ts'

/** The status of each expected failure, where a surface has no other. `setup` is none: a request cannot cause it. */
export const STATUS_OF: Readonly<Record<ErrorCode, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  'too-many': 429,
  unavailable: 503,
  setup: 500,
}

export type Dialect = {
  /** The body of a refusal. */
  readonly body: (status: number, sentence: string) => unknown
  /** Statuses that this surface gives otherwise. */
  readonly statuses?: Partial<Readonly<Record<ErrorCode, number>>>
  /** What is said of a failure that nobody foresaw. */
  readonly unexpected: string
}

/** How a surface says a failure, from the few things in which surfaces differ. */
export const dialect =
  ({ body, statuses = {}, unexpected }: Dialect): Surface['failureOf'] =>
  (error, errorId): Failure => {
    if (error instanceof HttpRefusal)
      return {
        status: error.status,
        body: body(error.status, error.message),
        headers: error.headers,
      }
    if (error instanceof AppError && error.code !== 'setup') {
      const status = statuses[error.code] ?? STATUS_OF[error.code]
      return { status, body: body(status, error.message), headers: retryOf(error) }
    }
    return { status: 500, body: body(500, unexpected), errorId: errorId() }
  }

export const retryOf = ({ retryAfterSeconds }: AppError): Readonly<Record<string, string>> =>
  retryAfterSeconds === undefined ? {} : { 'Retry-After': String(Math.ceil(retryAfterSeconds)) }
