import { ServerResponse, type IncomingMessage, type Server } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import type { Accounts, Revocation } from '../accounts/accounts.ts'
import { AppError } from '../app-error.ts'
import type { Relay, Viewer } from '../live/relay.ts'
import { callerOf } from './access.ts'
import type { AllowedHosts } from '../http/allowed-hosts.ts'
import { withoutBase } from '../http/app.ts'
import type { Origins } from '../http/client-address.ts'
import {
  FOREIGN_ORIGIN,
  HttpRefusal,
  METHOD_NOT_ALLOWED,
  NOT_FOUND,
  UNKNOWN_HOST,
} from '../http/refusal.ts'
import { failureOf } from './failure.ts'
import type { HostRegistry } from './host-registry.ts'
import { identity, originOf, type Identify, type Identity } from '../http/identity.ts'
import { answerRaw } from '../http/raw-answer.ts'

export const LIVE_PATH = '/api/ws/metrics'

export type LiveSocketDeps = {
  readonly relay: Relay
  readonly sessions: Accounts['sessions']
  readonly identify: Identify
  readonly origins: Origins
  readonly allowed: AllowedHosts
  readonly hosts: HostRegistry
  readonly basePath: string
  readonly errorId: () => string
  readonly log: Logger
}

/** Answers WebSocket handshakes on a server: every check comes before the upgrade. Gives what ends its listening. */
export const openLiveSocket = (server: Server, deps: LiveSocketDeps): (() => void) => {
  const { relay, sessions, log } = deps

  const refuse = (error: unknown, socket: Duplex, path: string): void => {
    const failure = failureOf(error, deps.errorId)
    const line = { method: 'GET', path, status: failure.status }
    if (failure.errorId !== undefined)
      log.error(
        { ...line, err: error, error_id: failure.errorId },
        'A handshake failed unexpectedly.',
      )
    else log.info(line, 'A handshake was refused.')
    answerRaw(socket, failure.status, failure.body, failure.headers)
  }

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // a peer that goes away while its credential is looked up has nobody else to hear it
    socket.on('error', () => undefined)
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
      serveWithoutUpgrade(server, request, socket)
      return
    }
    const { path, query } = targetOf(request, deps.basePath)
    handshake(deps, request, path, query).then(
      (viewer) => {
        log.info({ method: 'GET', path, status: 101 }, 'A WebSocket was opened.')
        relay.accept(request, socket, head, viewer)
      },
      (error: unknown) => refuse(error, socket, path),
    )
  }

  server.on('upgrade', onUpgrade)
  const unsubscribe = sessions.onRevoked((revocation) =>
    relay.endSessions((viewer) => isEnded(revocation, viewer)),
  )
  return () => {
    server.off('upgrade', onUpgrade)
    unsubscribe()
  }
}

/** The order of checks is that of every request: path, method, Host, who, and then what is asked. */
const handshake = async (
  deps: LiveSocketDeps,
  request: IncomingMessage,
  path: string,
  query: URLSearchParams,
): Promise<Viewer> => {
  if (path !== LIVE_PATH) throw new AppError({ code: 'not-found', detail: NOT_FOUND })
  if (request.method !== 'GET') throw new HttpRefusal(405, METHOD_NOT_ALLOWED, { Allow: 'GET' })
  const { authorization, host } = request.headers
  if (authorization === undefined && !deps.allowed(host)) throw new HttpRefusal(421, UNKNOWN_HOST)
  // looked up first, judged last: nothing may be waited for between the session and its socket
  const [asked] = await Promise.allSettled([deps.hosts.meant(query.get('host') ?? undefined)])
  const who = await identityOf(deps, request, query)
  const caller = callerOf(who)
  if (who.kind === 'caller' && who.by === 'cookie' && isForeign(deps, request))
    throw new AppError({ code: 'forbidden', detail: FOREIGN_ORIGIN })
  if (asked.status === 'rejected') throw asked.reason
  if (!deps.relay.hasRoom())
    throw new AppError({
      code: 'unavailable',
      detail: 'Too many WebSocket clients. Try again later.',
      retryAfterSeconds: 30,
    })
  return {
    userId: caller.user.id,
    sessionKey: caller.sessionKey,
    expiresAt: caller.expiresAt,
    // only this host has live frames yet
    frames: caller.user.role !== 'client' && asked.value === deps.hosts.self,
    logs:
      caller.user.role === 'client' ? { kind: 'own', user: caller.user.username } : { kind: 'all' },
  }
}

/** The token of the query, or the ticket, or what any request may carry. */
const identityOf = async (
  { sessions, identify }: LiveSocketDeps,
  request: IncomingMessage,
  query: URLSearchParams,
): Promise<Identity> => {
  const token = query.get('token')
  if (token !== null) return identity(await sessions.byBearer(token), 'token')
  const ticket = query.get('ticket')
  if (ticket !== null) return identity(await sessions.redeemTicket(ticket), 'token')
  return identify.of(request)
}

const isForeign = ({ origins }: LiveSocketDeps, request: IncomingMessage): boolean =>
  originOf(request, origins.secure(request)) === 'foreign'

const isEnded = (revocation: Revocation, { userId, sessionKey }: Viewer): boolean => {
  switch (revocation.kind) {
    case 'session':
      return sessionKey === revocation.sessionKey
    case 'user':
      return userId === revocation.userId && sessionKey !== revocation.exceptSession
  }
}

const targetOf = (request: IncomingMessage, basePath: string) => {
  const [path = '/', query = ''] = (request.url ?? '/').split(/\?(.*)/s)
  return { path: withoutBase(basePath, path), query: new URLSearchParams(query) }
}

/** Another protocol was offered (h2c): a server may go on in HTTP/1.1, and so does this one. */
const serveWithoutUpgrade = (server: Server, request: IncomingMessage, socket: Duplex): void => {
  if (!(socket instanceof Socket)) {
    socket.destroy()
    return
  }
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket)
  response.on('finish', () => socket.end())
  server.emit('request', request, response)
}
