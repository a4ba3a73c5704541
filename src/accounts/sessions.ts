import { AppError } from '../app-error.ts'
import { SECOND } from '../points/instant.ts'
import type { Accounts, Caller } from './accounts.ts'
import type { Credentials } from './credentials.ts'
import type { Database } from './database.ts'
import type { Gate } from './gate.ts'
import type { Jwt } from './jwt.ts'
import { sessionKeyOf, type SessionIds } from './lucia.ts'
import { parsePassword, type Passwords } from './passwords.ts'
import type { Revocations } from './revocations.ts'
import type { Sessions } from './session-store.ts'
import { TICKET_SECONDS, type Tickets } from './tickets.ts'
import { toUser } from './user-rows.ts'

/** What a person chooses in the web page or by the API. */
const LEAST_NEW_PASSWORD = 8

type Deps = {
  readonly db: Database
  readonly credentials: Credentials
  readonly passwords: Passwords
  readonly gate: Gate
  readonly sessions: Sessions
  readonly sessionIds: SessionIds
  readonly jwt: Jwt
  readonly tickets: Tickets
  readonly revocations: Revocations
  readonly expireMs: number
  readonly onPasswordReplaced: (userId: number) => void
}

/** The port's verbs about who asks. */
export const createSessionVerbs = (deps: Deps): Accounts['sessions'] => {
  const { db, credentials, passwords, gate, sessions, sessionIds, jwt, tickets } = deps

  const changePassword: Accounts['sessions']['changePassword'] = async (caller, given) => {
    const next = parsePassword(given.next, 'new_password', LEAST_NEW_PASSWORD)
    const userId = caller.user.id
    const { epoch } = await credentials.confirm({
      userId,
      password: given.current,
      address: given.address,
    })
    const hash = await gate.run(() => passwords.hash(next))
    const endedKeys = db.transaction(() => {
      // Somebody else may have changed the user or ended this session since the password was asked.
      const changed = db.run(
        `UPDATE user SET password_hash = ?, epoch = epoch + 1
         WHERE id = ? AND epoch = ? AND removed_at IS NULL
         AND EXISTS (SELECT 1 FROM session WHERE key = ? AND user_id = user.id)`,
        [hash, userId, epoch, caller.sessionKey],
      )
      if (changed === 0) throw noLongerValid()
      return sessions.deleteAllOf(userId, caller.sessionKey)
    })
    sessions.announceUser({ userId, exceptSession: caller.sessionKey }, endedKeys)
    deps.onPasswordReplaced(userId)
  }

  const byKey = (claims: { userId: number; sessionKey: string }): Caller | null => {
    const caller = sessions.find(claims.sessionKey)
    return caller !== null && caller.user.id === claims.userId ? caller : null
  }

  return {
    login: async (given) => {
      const sessionId = await sessionIds.open(await credentials.check(given))
      const caller = sessions.find(sessionKeyOf(sessionId))
      if (caller === null) throw noLongerValid()
      const { user, sessionKey, expiresAt } = caller
      return {
        user,
        sessionId,
        accessToken: await jwt.sign({ userId: user.id, sessionKey, expiresAt }),
        expiresInSeconds: Math.floor(deps.expireMs / SECOND),
      }
    },
    authenticate: async (given) => toUser(await credentials.check(given)),
    byBearer: async (token) => {
      const claims = await jwt.verify(token)
      return claims === null ? null : byKey(claims)
    },
    byCookie: (sessionId) => sessionIds.callerOf(sessionId),
    logout: async (caller) => sessions.end(caller.sessionKey),
    changePassword,
    issueTicket: (caller) => ({
      ticket: tickets.issue(caller.sessionKey),
      expiresInSeconds: TICKET_SECONDS,
    }),
    redeemTicket: async (ticket) => {
      const sessionKey = tickets.redeem(ticket)
      return sessionKey === null ? null : sessions.find(sessionKey)
    },
    onRevoked: deps.revocations.onRevoked,
  }
}

const noLongerValid = () =>
  new AppError({ code: 'unauthenticated', detail: 'Could not validate credentials' })
