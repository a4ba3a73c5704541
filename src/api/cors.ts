import type { IncomingMessage, ServerResponse } from 'node:http'
import { METHODS } from './endpoint.ts'

/**
 * Lets the pages of CORS_ORIGINS (`*`: any page) call /api with a bearer token; never with the cookie. True where
 * the request was a preflight and is answered with what `answer` holds now.
 */
export type Cors = (request: IncomingMessage, answer: ServerResponse, path: string) => boolean

const ALLOWED_METHODS = METHODS.map((method) => method.toUpperCase()).join(', ')
const PREFLIGHT_SECONDS = '600'

export const cors = (origins: readonly string[]): Cors => {
  const known = new Set(origins.map((origin) => origin.toLowerCase().replace(/\/$/, '')))
  const anyOrigin = known.has('*')
  if (known.size === 0) return () => false
  return (request, answer, path) => {
    if (!path.startsWith('/api/')) return false
    if (!anyOrigin) answer.setHeader('Vary', 'Origin')
    const { origin } = request.headers
    if (origin === undefined || !(anyOrigin || known.has(origin.toLowerCase()))) return false
    answer.setHeader('Access-Control-Allow-Origin', anyOrigin ? '*' : origin)
    // what the pages may fetch they may also embed
    answer.setHeader('Cross-Origin-Resource-Policy', 'cross-origin')
    answer.setHeader('Access-Control-Expose-Headers', 'Retry-After, X-Request-Id')
    if (request.method !== 'OPTIONS') return false
    if (request.headers['access-control-request-method'] === undefined) return false
    answer.setHeader('Access-Control-Allow-Methods', ALLOWED_METHODS)
    answer.setHeader('Access-Control-Allow-Headers', 'Authorization, Content-Type')
    answer.setHeader('Access-Control-Max-Age', PREFLIGHT_SECONDS)
    return true
  }
}
