import type { IncomingMessage } from 'node:http'
import { parse, serialize } from 'hono/utils/cookie'
import type { Accounts, Caller } from '../accounts/accounts.ts'
import type { Origins } from '../http/client-address.ts'

/** Who a request says it is from, after looking. */
export type Identity =
  | { readonly kind: 'nobody' }
  /** A credential that is wrong, expired or revoked. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'caller'; readonly caller: Caller; readonly by: 'token' | 'cookie' }

export type Identify = {
  /** A bearer token where there is one, else the session cookie. */
  of(request: IncomingMessage): Promise<Identity>
  /** `Set-Cookie` for a new session. */
  cookie(request: IncomingMessage, sessionId: string, maxAgeSeconds: number): string
  /** `Set-Cookie` that makes the browser forget it. */
  noCookie(request: IncomingMessage): string
}

const SCHEME = /^bearer +(\S+) *$/i

/** The token of an Authorization header, whatever the case of its scheme; undefined: there is none. */
export const bearerOf = (request: IncomingMessage): string | undefined =>
  SCHEME.exec(request.headers.authorization ?? '')?.[1]

/** Behind TLS the name asks the browser for Secure, Path=/ and no Domain, so that no other site can plant one. */
const cookieName = (secure: boolean): string => (secure ? '__Host-perfwatch' : 'perfwatch')

export const identifier = (sessions: Accounts['sessions'], { secure }: Origins): Identify => {
  const setCookie = (request: IncomingMessage, value: string, maxAge: number): string => {
    const tls = secure(request)
    return serialize(cookieName(tls), value, {
      path: '/',
      httpOnly: true,
      sameSite: 'Lax',
      secure: tls,
      maxAge,
    })
  }
  const cookieOf = (request: IncomingMessage): string | undefined => {
    const name = cookieName(secure(request))
    const { cookie } = request.headers
    return cookie === undefined ? undefined : parse(cookie, name)[name]
  }

  return {
    async of(request) {
      const token = bearerOf(request)
      if (token !== undefined) return identity(await sessions.byBearer(token), 'token')
      const sessionId = cookieOf(request)
      if (sessionId === undefined) return { kind: 'nobody' }
      return identity(await sessions.byCookie(sessionId), 'cookie')
    },
    cookie: setCookie,
    noCookie: (request) => setCookie(request, '', 0),
  }
}

export const identity = (caller: Caller | null, by: 'token' | 'cookie'): Identity =>
  caller === null ? { kind: 'refused' } : { kind: 'caller', caller, by }

/**
 * True where a page of this server sent the request: the Origin's host is the one that was asked, and over TLS
 * its scheme is https. Without an Origin nobody knows: `absent`.
 */
export const originOf = (
  request: IncomingMessage,
  secure: boolean,
): 'same' | 'foreign' | 'absent' => {
  const { origin, host } = request.headers
  if (origin === undefined) return 'absent'
  const url = URL.canParse(origin) ? new URL(origin) : undefined
  if (url === undefined || host === undefined || (secure && url.protocol !== 'https:'))
    return 'foreign'
  // the browser leaves a scheme's usual port out of both
  return url.host === host.toLowerCase() ? 'same' : 'foreign'
}
