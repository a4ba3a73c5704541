/** Failures that are expected; each surface maps a code to its own status and body in one function. */
export const ERROR_CODES = [
  'invalid', // 400: the input
  'unauthenticated', // 401: no credential, or a bad one
  'forbidden', // 403: not for this role
  'not-found', // 404
  'conflict', // 409
  'too-large', // 413
  'too-many', // 429
  'unavailable', // 503: the store cannot answer now
  'setup', // the process cannot start: one sentence on stderr, exit 1
] as const
export type ErrorCode = (typeof ERROR_CODES)[number]

/** `detail` is a sentence for the person who gets it: it names the field or the setting and what to do. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly retryAfterSeconds: number | undefined

  constructor(failure: {
    code: ErrorCode
    detail: string
    retryAfterSeconds?: number
    cause?: unknown
  }) {
    super(failure.detail, failure.cause === undefined ? undefined : { cause: failure.cause })
    this.name = 'AppError'
    this.code = failure.code
    this.retryAfterSeconds = failure.retryAfterSeconds
  }
}
