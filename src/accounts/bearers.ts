import { AppError } from '../app-error.ts'
import { SECOND } from '../points/instant.ts'
import type { Caller, User } from './accounts.ts'
import type { Jwt, Surface } from './jwt.ts'
import type { Sessions } from './session-store.ts'

/** The bearer tokens of one surface: each names a session of that surface, and ends with it. */
export type Bearers = {
  /** AppError `unauthenticated` when the session has ended meanwhile. */
  sign(sessionKey: string): Promise<{ user: User; token: string; expiresInSeconds: number }>
  /** Null: bad, expired, of another surface, or its session has ended. */
  callerOf(token: string): Promise<Caller | null>
}

export const createBearers = (deps: {
  jwt: Jwt
  surface: Surface
  sessions: Sessions
  /** How long a session of this surface lasts. */
  expireMs: number
}): Bearers => {
  const { jwt, surface, sessions } = deps
  return {
    sign: async (sessionKey) => {
      const caller = sessions.find(sessionKey, surface)
      if (caller === null) {
        throw new AppError({
          code: 'unauthenticated',
          detail: 'Could not validate credentials',
        })
      }
      const { user, expiresAt } = caller
      return {
        user,
        token: await jwt.sign({ userId: user.id, sessionKey, expiresAt }),
        expiresInSeconds: Math.floor(deps.expireMs / SECOND),
      }
    },
    callerOf: async (token) => {
      const claims = await jwt.verify(token)
      if (claims === null) return null
      const caller = sessions.find(claims.sessionKey, surface)
      return caller !== null && caller.user.id === claims.userId ? caller : null
    },
  }
}
