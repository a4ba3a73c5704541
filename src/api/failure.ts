import { AppError, type ErrorCode } from '../app-error.ts'

/** A failure as PerfWatch's own surface says it. */
export type Failure = {
  readonly status: FailureStatus
  readonly body: { readonly detail: string; readonly error_id?: string }
  readonly headers: Readonly<Record<string, string>>
  /** True: nobody foresaw it; the log line needs the error and its id. */
  readonly unexpected: boolean
}

/** Statuses that belong to HTTP rather than to the product come with the sentences of the wire contract. */
export const NOT_FOUND = 'Resource not found'
export const METHOD_NOT_ALLOWED = 'Method Not Allowed'
export const TOO_LARGE = 'Request body too large'
export const UNKNOWN_HOST = 'Unknown host. Add it to ALLOWED_HOSTS.'
export const NOT_AUTHENTICATED = 'Not authenticated'
export const BAD_CREDENTIALS = 'Could not validate credentials'
export const NOT_AUTHORIZED = 'Not authorized to perform this action'
export const FOREIGN_ORIGIN =
  'This request did not come from a page of this server: its Origin is not the Host. Behind a proxy, pass the Host header on.'
const INTERNAL = 'Internal server error'

const STATUS = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  'too-many': 429,
  unavailable: 503,
  setup: 500,
} as const satisfies Record<ErrorCode, number>

/** 405 and 421 are decided before anything of ours runs; see HttpRefusal. */
export type FailureStatus = (typeof STATUS)[ErrorCode] | HttpRefusal['status']

/** A refusal that only an HTTP surface knows. */
export class HttpRefusal extends Error {
  readonly status: 405 | 421 | 426
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: HttpRefusal['status'],
    detail: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail)
    this.name = 'HttpRefusal'
    this.status = status
    this.headers = headers
  }
}

/** The one place where a failure becomes a status and a body; `errorId` is called only for an unexpected one. */
export const failureOf = (error: unknown, errorId: () => string): Failure => {
  if (error instanceof HttpRefusal)
    return {
      status: error.status,
      body: { detail: error.message },
      headers: error.headers,
      unexpected: false,
    }
  if (error instanceof AppError && error.code !== 'setup')
    return {
      status: STATUS[error.code],
      // the contract has one sentence for all that is not there
      body: { detail: error.code === 'not-found' ? NOT_FOUND : error.message },
      headers: headersOf(error),
      unexpected: false,
    }
  return {
    status: 500,
    body: { detail: INTERNAL, error_id: errorId() },
    headers: {},
    unexpected: true,
  }
}

const headersOf = (error: AppError): Record<string, string> => {
  if (error.code === 'unauthenticated') return { 'WWW-Authenticate': 'Bearer' }
  if (error.retryAfterSeconds === undefined) return {}
  return { 'Retry-After': String(Math.ceil(error.retryAfterSeconds)) }
}
