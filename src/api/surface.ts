import type { IncomingMessage } from 'node:http'
import { AppError } from '../app-error.ts'
import { originOf, type Identify, type Identity } from '../http/identity.ts'
import { FOREIGN_ORIGIN } from '../http/refusal.ts'
import type { HttpContext, Route, Surface } from '../http/surface.ts'
import { authorise } from './access.ts'
import type { Endpoint } from './endpoint.ts'
import { failureOf } from './failure.ts'

export type ApiSurfaceDeps = {
  readonly endpoints: readonly Endpoint[]
  readonly identify: Identify
  readonly secure: (request: IncomingMessage) => boolean
}

/** PerfWatch's own surface: who asks (401), their role (403), and then the input (400). */
export const apiSurface = (deps: ApiSurfaceDeps): Surface => ({
  name: 'PerfWatch',
  routes: deps.endpoints.map((endpoint) => routeOf(endpoint, deps)),
  failureOf,
})

const routeOf = (endpoint: Endpoint, deps: ApiSurfaceDeps): Route => ({
  method: endpoint.method,
  path: endpoint.path,
  ...(endpoint.anyHost === true && { anyHost: true }),
  handle: async (context, body) => {
    const { incoming } = context.env
    const identity = await deps.identify.of(incoming)
    if (await opensOtherwise(endpoint, identity, context)) return endpoint.run(context, body, null)
    const caller = authorise(endpoint.access, identity)
    checkOrigin(deps, endpoint, identity, incoming)
    return endpoint.run(context, body, caller)
  },
})

const opensOtherwise = async (
  { alsoBy }: Endpoint,
  identity: Identity,
  context: HttpContext,
): Promise<boolean> => identity.kind !== 'caller' && alsoBy !== undefined && alsoBy(context)

/** What changes something by the cookie must come from our own page: a browser sends the cookie for any page. */
const checkOrigin = (
  deps: ApiSurfaceDeps,
  { access, method }: Endpoint,
  identity: Identity,
  request: IncomingMessage,
): void => {
  if (method === 'get' || access === 'anyone') return
  if (identity.kind !== 'caller' || identity.by !== 'cookie') return
  if (originOf(request, deps.secure(request)) === 'same') return
  throw new AppError({ code: 'forbidden', detail: FOREIGN_ORIGIN })
}
