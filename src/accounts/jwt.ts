import { jwtVerify, SignJWT } from 'jose'
import { SECOND, type Instant } from '../points/instant.ts'
import type { Clock } from '../points/clock.ts'
import { randomSecret, type RandomBytes } from './random.ts'

/** What a token says: whose it is and of which session; the session decides whether it still holds. */
export type Claims = { readonly userId: number; readonly sessionKey: string }

/** Where a credential opens: it is the `aud` of its tokens. */
export type Surface = 'perfwatch' | 'speedlog'

export type Jwt = {
  sign(claims: Claims & { expiresAt: Instant }): Promise<string>
  /** Null: not ours, not for this audience, changed, or expired. */
  verify(token: string): Promise<Claims | null>
}

const ISSUER = 'perfwatch'
const ALGORITHM = 'HS256'
/** Clocks are one machine's; this only bridges a small step of it. The session's own end is exact. */
const TOLERANCE_SECONDS = 5
/** Ours have about 400; nothing longer is parsed. */
const LONGEST_TOKEN = 4_096

/** Tokens of one surface: the audience, so that they open no other. `secret` is taken as text. */
export const createJwt = (deps: {
  secret: string
  audience: Surface
  clock: Clock
  random: RandomBytes
}): Jwt => {
  const { audience, clock, random } = deps
  // Imported once, not for each token.
  const key = crypto.subtle.importKey(
    'raw',
    new TextEncoder().encode(deps.secret),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign', 'verify'],
  )
  const options = {
    algorithms: [ALGORITHM],
    audience,
    issuer: ISSUER,
    clockTolerance: TOLERANCE_SECONDS,
    requiredClaims: ['sub', 'sid', 'exp', 'iat', 'jti'],
  }
  return {
    sign: async ({ userId, sessionKey, expiresAt }) =>
      new SignJWT({ sid: sessionKey })
        .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
        .setSubject(String(userId))
        .setAudience(audience)
        .setIssuer(ISSUER)
        .setIssuedAt(Math.floor(clock.now() / SECOND))
        .setExpirationTime(Math.floor(expiresAt / SECOND))
        .setJti(randomSecret(random))
        .sign(await key),
    verify: async (token) => {
      if (token.length > LONGEST_TOKEN) return null
      const currentDate = new Date(clock.now())
      try {
        const { payload } = await jwtVerify(token, await key, { ...options, currentDate })
        const { sub, sid } = payload
        if (typeof sub !== 'string' || typeof sid !== 'string') return null
        const userId = Number(sub)
        return Number.isSafeInteger(userId) ? { userId, sessionKey: sid } : null
      } catch {
        // Whatever is wrong with a token, its bearer gets the same answer.
        return null
      }
    },
  }
}
