import { Hono } from 'hono'
import { getPath } from 'hono/utils/url'
import type { IncomingMessage } from 'node:http'
import type { Logger } from 'pino'
import { AppError } from '../app-error.ts'
import type { AllowedHosts } from './allowed-hosts.ts'
import { HttpRefusal, METHOD_NOT_ALLOWED, NOT_FOUND, UNKNOWN_HOST } from './refusal.ts'
import { readBody } from './request-body.ts'
import type { HttpContext, HttpEnv, Method, Route, Surface } from './surface.ts'

/** Bytes of a request's body, where a route does not say otherwise. */
const MAX_BODY = 1024 * 1024

export type AppDeps = {
  /** A path that none of them has is refused in the words of the first. */
  readonly surfaces: readonly [Surface, ...Surface[]]
  readonly basePath: string
  readonly hosts: AllowedHosts
  readonly errorId: () => string
  readonly log: Logger
}

type Place = { readonly surface: Surface; readonly routes: ReadonlyMap<Method, Route> }

/** The routes of all surfaces, and the order in which a request is checked. */
export const createApp = (deps: AppDeps) => {
  const app = new Hono<HttpEnv>({ getPath: pathUnder(deps.basePath) })
  for (const [path, place] of byPath(deps.surfaces))
    app.all(path.replaceAll(/\{(\w+)\}/g, ':$1'), (context) =>
      inWordsOf(place.surface, deps, context, () => answer(deps, place.routes, context)),
    )
  app.notFound((context) =>
    inWordsOf(deps.surfaces[0], deps, context, () => {
      throw new AppError({ code: 'not-found', detail: NOT_FOUND })
    }),
  )
  return app
}

/** Method 405, Host 421, size 413, and then what the route asks: who, role, input. The router did the path. */
const answer = async (
  deps: AppDeps,
  routes: ReadonlyMap<Method, Route>,
  context: HttpContext,
): Promise<Response> => {
  const route = ofMethod(routes, context.req.method)
  const { incoming } = context.env
  checkHost(deps, route, incoming)
  return route.handle(context, await bodyOf(incoming, route.maxBody ?? MAX_BODY))
}

const inWordsOf = async (
  surface: Surface,
  { errorId, log }: AppDeps,
  context: HttpContext,
  work: () => Promise<Response> | Response,
): Promise<Response> => {
  try {
    return await work()
  } catch (error) {
    const failure = surface.failureOf(error, errorId)
    if (failure.errorId !== undefined)
      log.error(
        { err: error, error_id: failure.errorId, path: context.req.path },
        'A request failed unexpectedly.',
      )
    return Response.json(failure.body, {
      status: failure.status,
      ...(failure.headers && { headers: failure.headers }),
    })
  }
}

const ofMethod = (routes: ReadonlyMap<Method, Route>, asked: string): Route => {
  const method = asked === 'HEAD' ? 'get' : asked.toLowerCase()
  for (const [name, route] of routes) if (name === method) return route
  const allowed = [...routes.keys()].map((name) => name.toUpperCase())
  if (routes.has('get')) allowed.push('HEAD')
  throw new HttpRefusal(405, METHOD_NOT_ALLOWED, { Allow: allowed.sort().join(', ') })
}

const checkHost = (deps: AppDeps, route: Route, request: IncomingMessage): void => {
  // a page that was rebound to this address has no credential to send along
  if (route.anyHost === true || request.headers.authorization !== undefined) return
  if (deps.hosts(request.headers.host)) return
  deps.log.warn(
    { host: request.headers.host, setting: 'ALLOWED_HOSTS' },
    'A request for an unknown host was refused; if the name is this server, add it to ALLOWED_HOSTS.',
  )
  throw new HttpRefusal(421, UNKNOWN_HOST)
}

const bodyOf = (request: IncomingMessage, limit: number): Promise<Buffer> | Buffer =>
  isRead(request.method) && request.headers['content-length'] === undefined
    ? Buffer.alloc(0)
    : readBody(request, limit)

const isRead = (method: string | undefined): boolean => method === 'GET' || method === 'HEAD'

/** A path belongs to one surface; two would answer it in two dialects. */
const byPath = (surfaces: readonly Surface[]): ReadonlyMap<string, Place> => {
  const places = new Map<string, { surface: Surface; routes: Map<Method, Route> }>()
  for (const surface of surfaces)
    for (const route of surface.routes) {
      const place = places.get(route.path) ?? { surface, routes: new Map<Method, Route>() }
      if (place.surface !== surface)
        throw new Error(`${place.surface.name} and ${surface.name} both have ${route.path}.`)
      places.set(route.path, { surface, routes: place.routes.set(route.method, route) })
    }
  return places
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
