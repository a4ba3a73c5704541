import { randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import type { Logger } from 'pino'
import { SECOND } from '../points/instant.ts'
import type { AllowedHosts } from './allowed-hosts.ts'
import { createApp, withoutBase } from './app.ts'
import type { Origins } from './client-address.ts'
import { cors, type CorsRule } from './cors.ts'
import { closer, createHttpServer, listen, type Place } from './http-server.ts'
import type { Surface } from './surface.ts'

export type ServeDeps = {
  readonly surfaces: readonly [Surface, ...Surface[]]
  readonly basePath: string
  readonly allowed: AllowedHosts
  readonly origins: Origins
  readonly cors: readonly CorsRule[]
  readonly monotonic: () => number
  readonly log: Logger
}

export type HttpService = {
  readonly server: Server
  /** Gives the port; AppError `setup` that names the setting. */
  listen(place: Place): Promise<number>
  /** Lets requests finish, and resolves within about two seconds. */
  close(): Promise<void>
}

/** Requests have this long to end by themselves when the server stops. */
export const PATIENCE_MS = 2 * SECOND

/** Names a request or an unexpected failure in the log. */
export const newId = (): string => randomBytes(6).toString('hex')

/** Surfaces behind one HTTP server. */
export const openHttp = (deps: ServeDeps): HttpService => {
  const { basePath, origins, log } = deps
  const app = createApp({ ...deps, hosts: deps.allowed, errorId: newId })
  const server = createHttpServer({
    fetch: app.fetch,
    cors: cors(deps.cors),
    pathOf: (target) => withoutBase(basePath, target.split('?', 1)[0] ?? '/'),
    addressOf: origins.address,
    requestId: newId,
    monotonic: deps.monotonic,
    log,
  })
  const close = closer(server)
  return {
    server,
    listen: (place) => listen(server, place),
    close: () => close(PATIENCE_MS),
  }
}
