import { AppError } from '../app-error.ts'
import { retryOf, STATUS_OF } from '../http/dialect.ts'
import { HttpRefusal, NOT_FOUND } from '../http/refusal.ts'
import type { Failure } from '../http/surface.ts'

export const NOT_AUTHENTICATED = 'Not authenticated'
export const BAD_CREDENTIALS = 'Could not validate credentials'
export const NOT_AUTHORIZED = 'Not authorized to perform this action'
const INTERNAL = 'Internal server error'

/** The one place where a failure becomes a status and a body; `errorId` is called only for an unexpected one. */
export const failureOf = (error: unknown, errorId: () => string): Failure => {
  if (error instanceof HttpRefusal)
    return {
      status: error.status,
      body: { detail: error.message },
      headers: error.headers,
    }
  if (error instanceof AppError && error.code !== 'setup')
    return {
      status: STATUS_OF[error.code],
      // the contract has one sentence for all that is not there
      body: { detail: error.code === 'not-found' ? NOT_FOUND : error.message },
      headers: headersOf(error),
    }
  const id = errorId()
  return { status: 500, body: { detail: INTERNAL, error_id: id }, headers: {}, errorId: id }
}

const headersOf = (error: AppError): Record<string, string> => {
  if (error.code === 'unauthenticated') return { 'WWW-Authenticate': 'Bearer' }
  return retryOf(error)
}
