import { Lucia, TimeSpan, type Adapter } from 'lucia'
import { AppError } from '../app-error.ts'
import type { Clock } from '../points/clock.ts'
import { instant } from '../points/instant.ts'
import type { Caller } from './accounts.ts'
import { hashOfSecret } from './random.ts'
import type { Sessions } from './session-store.ts'

// The only file that knows lucia, which gets no more releases: docs/adr/0003-lucia-contained.md

declare module 'lucia' {
  interface Register {
    Lucia: ReturnType<typeof createLucia>
    UserId: number
    DatabaseSessionAttributes: { epoch: number }
    DatabaseUserAttributes: { caller: Caller }
  }
}

export type SessionIds = {
  /** Opens a session; its id, which is told once: only its hash is kept. AppError `unauthenticated` when the user has changed. */
  open(user: { id: number; epoch: number }): Promise<string>
  /** Who has this session id; null: unknown or expired. */
  callerOf(sessionId: string): Promise<Caller | null>
}

/** The key under which the session of an id is stored; also the `sid` of its tokens. */
export const sessionKeyOf = (sessionId: string): string => hashOfSecret(sessionId)

/** Longer than any id that lucia makes; nothing longer is hashed. */
const LONGEST_ID = 100

type Deps = {
  readonly sessions: Sessions
  readonly clock: Clock
  /** How long a session lasts; it is not prolonged by use. */
  readonly expireMs: number
}

const createLucia = (deps: Deps) =>
  new Lucia(createAdapter(deps), {
    sessionExpiresIn: new TimeSpan(deps.expireMs, 'ms'),
    getUserAttributes: ({ caller }) => ({ caller }),
  })

export const createSessionIds = (deps: Deps): SessionIds => {
  const lucia = createLucia(deps)
  return {
    open: async ({ id, epoch }) => (await lucia.createSession(id, { epoch })).id,
    callerOf: async (sessionId) => {
      if (sessionId.length > LONGEST_ID) return null
      const { user } = await lucia.validateSession(sessionId)
      return user === null ? null : user.caller
    },
  }
}

const createAdapter = ({ sessions, clock, expireMs }: Deps): Adapter => ({
  setSession: async (session) => {
    const opened = sessions.open({
      key: sessionKeyOf(session.id),
      surface: 'perfwatch',
      userId: session.userId,
      epoch: session.attributes.epoch,
      // By our clock, not by the wall clock that lucia reads by itself.
      expiresAt: instant(clock.now() + expireMs),
    })
    if (opened) return
    throw new AppError({ code: 'unauthenticated', detail: 'Invalid username or password' })
  },
  getSessionAndUser: async (sessionId) => {
    const caller = sessions.find(sessionKeyOf(sessionId), 'perfwatch')
    if (caller === null) return [null, null]
    const userId = caller.user.id
    // Found is alive, to the millisecond and by our clock. lucia is told a whole life, so that it neither ends the session
    // by its clock nor prolongs one that is used.
    const expiresAt = new Date(Date.now() + expireMs)
    return [
      // The id that was asked, never the stored hash: lucia hands it back, and it must not become a cookie.
      { id: sessionId, userId, expiresAt, attributes: { epoch: 0 } },
      { id: userId, attributes: { caller } },
    ]
  },
  // Not asked: a session ends with its token.
  updateSessionExpiration: async () => {},
  deleteSession: async (sessionId) => sessions.end(sessionKeyOf(sessionId)),
  deleteExpiredSessions: async () => sessions.deleteExpired(),
  // Not asked: a user's sessions end in the transaction that changes the user.
  getUserSessions: async () => [],
  deleteUserSessions: async () => {},
})
