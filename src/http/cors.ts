import type { IncomingMessage, ServerResponse } from 'node:http'
import { METHODS } from './surface.ts'

/** Pages of other origins that may call some paths, never with the cookie. `*` among the origins: any page. */
export type CorsRule = {
  readonly origins: readonly string[]
  readonly covers: (path: string) => boolean
}

/** True where the request was a preflight and is answered with what `answer` holds now. */
export type Cors = (request: IncomingMessage, answer: ServerResponse, path: string) => boolean

const ALLOWED_METHODS = METHODS.map((method) => method.toUpperCase()).join(', ')
const PREFLIGHT_SECONDS = '600'

export const cors = (rules: readonly CorsRule[]): Cors => {
  const known = rules
    .filter(({ origins }) => origins.length > 0)
    .map(({ origins, covers }) => ({
      covers,
      origins: new Set(origins.map((origin) => origin.toLowerCase().replace(/\/$/, ''))),
    }))
  if (known.length === 0) return () => false
  return (request, answer, path) => {
    const rule = known.find(({ covers }) => covers(path))
    if (rule === undefined) return false
    const anyOrigin = rule.origins.has('*')
    if (!anyOrigin) answer.setHeader('Vary', 'Origin')
    const { origin } = request.headers
    if (origin === undefined || !(anyOrigin || rule.origins.has(origin.toLowerCase()))) return false
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
