import { OpenAPIHono } from '@hono/zod-openapi'
import { getPath } from 'hono/utils/url'
import type { IncomingMessage } from 'node:http'
import type { Logger } from 'pino'
import { AppError } from '../app-error.ts'
import { authorise } from './access.ts'
import type { AllowedHosts } from './allowed-hosts.ts'
import { describe } from './openapi.ts'
import type { ApiContext, ApiEnv, Endpoint, Method } from './endpoint.ts'
import {
  failureOf,
  FOREIGN_ORIGIN,
  HttpRefusal,
  METHOD_NOT_ALLOWED,
  NOT_FOUND,
  UNKNOWN_HOST,
} from './failure.ts'
import { originOf, type Identify, type Identity } from './identity.ts'
import { readBody } from './request-body.ts'

/** Bytes of a request's body, for every endpoint but push. */
const MAX_BODY = 1024 * 1024

export type AppDeps = {
  readonly endpoints: readonly Endpoint[]
  readonly basePath: string
  readonly hosts: AllowedHosts
  readonly identify: Identify
  readonly secure: (request: IncomingMessage) => boolean
  readonly errorId: () => string
  readonly log: Logger
}

/** The routes of all endpoints, and the order in which a request is checked. */
export const createApp = (deps: AppDeps) => {
  const app = new OpenAPIHono<ApiEnv>({ getPath: pathUnder(deps.basePath) })
  for (const endpoint of deps.endpoints) describe(app.openAPIRegistry, endpoint)
  for (const [path, methods] of byPath(deps.endpoints))
    app.all(path.replaceAll(/\{(\w+)\}/g, ':$1'), (context) => answer(deps, methods, context))
  app.notFound(() => {
    throw new AppError({ code: 'not-found', detail: NOT_FOUND })
  })
  app.onError((error, context) => {
    const failure = failureOf(error, deps.errorId)
    if (failure.unexpected)
      deps.log.error(
        { err: error, error_id: failure.body.error_id, path: context.req.path },
        'A request failed unexpectedly.',
      )
    return context.json(failure.body, failure.status, failure.headers)
  })
  return app
}

/** The order of checks: method 405, Host 421, size 413, who 401, role 403, input 400. The router did the path. */
const answer = async (
  deps: AppDeps,
  methods: ReadonlyMap<Method, Endpoint>,
  context: ApiContext,
): Promise<Response> => {
  const endpoint = ofMethod(methods, context.req.method)
  const { incoming } = context.env
  checkHost(deps, endpoint, incoming)
  const body = await bodyOf(incoming)
  const identity = await deps.identify.of(incoming)
  if (await opensOtherwise(endpoint, identity, context)) return endpoint.run(context, body, null)
  const caller = authorise(endpoint.access, identity)
  checkOrigin(deps, endpoint, identity, incoming)
  return endpoint.run(context, body, caller)
}

const ofMethod = (methods: ReadonlyMap<Method, Endpoint>, asked: string): Endpoint => {
  const method = asked === 'HEAD' ? 'get' : asked.toLowerCase()
  for (const [name, endpoint] of methods) if (name === method) return endpoint
  const allowed = [...methods.keys()].map((name) => name.toUpperCase())
  if (methods.has('get')) allowed.push('HEAD')
  throw new HttpRefusal(405, METHOD_NOT_ALLOWED, { Allow: allowed.sort().join(', ') })
}

const checkHost = (deps: AppDeps, endpoint: Endpoint, request: IncomingMessage): void => {
  // a page that was rebound to this address has no credential to send along
  if (endpoint.anyHost === true || request.headers.authorization !== undefined) return
  if (deps.hosts(request.headers.host)) return
  deps.log.warn(
    { host: request.headers.host, setting: 'ALLOWED_HOSTS' },
    'A request for an unknown host was refused; if the name is this server, add it to ALLOWED_HOSTS.',
  )
  throw new HttpRefusal(421, UNKNOWN_HOST)
}

const bodyOf = (request: IncomingMessage): Promise<Buffer> | Buffer =>
  isRead(request.method) && request.headers['content-length'] === undefined
    ? Buffer.alloc(0)
    : readBody(request, MAX_BODY)

const isRead = (method: string | undefined): boolean => method === 'GET' || method === 'HEAD'

const opensOtherwise = async (
  { alsoBy }: Endpoint,
  identity: Identity,
  context: ApiContext,
): Promise<boolean> => identity.kind !== 'caller' && alsoBy !== undefined && alsoBy(context)

/** What changes something by the cookie must come from our own page: a browser sends the cookie for any page. */
const checkOrigin = (
  deps: AppDeps,
  { access, method }: Endpoint,
  identity: Identity,
  request: IncomingMessage,
): void => {
  if (method === 'get' || access === 'anyone') return
  if (identity.kind !== 'caller' || identity.by !== 'cookie') return
  if (originOf(request, deps.secure(request)) === 'same') return
  throw new AppError({ code: 'forbidden', detail: FOREIGN_ORIGIN })
}

const byPath = (endpoints: readonly Endpoint[]): Map<string, Map<Method, Endpoint>> => {
  const paths = new Map<string, Map<Method, Endpoint>>()
  for (const endpoint of endpoints) {
    const methods = paths.get(endpoint.path) ?? new Map<Method, Endpoint>()
    paths.set(endpoint.path, methods.set(endpoint.method, endpoint))
  }
  return paths
}

/** The path of a request: runs of `/` are one, and BASE_PATH is taken off where the proxy left it on. */
const pathUnder =
  (basePath: string) =>
  (request: Request): string =>
    withoutBase(basePath, getPath(request))

export const withoutBase = (basePath: string, asked: string): string => {
  const path = asked.replaceAll(/\/{2,}/g, '/')
  if (basePath === '' || (path !== basePath && !path.startsWith(`${basePath}/`))) return path
  return path.slice(basePath.length) || '/'
}
