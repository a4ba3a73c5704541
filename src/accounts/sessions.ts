import { AppError } from '../app-error.ts'
import type { Accounts } from './accounts.ts'
import type { Credentials } from './credentials.ts'
import type { Database } from './database.ts'
import type { Bearers } from './bearers.ts'
import { sessionKeyOf, type SessionIds } from './lucia.ts'
import type { NewHashes } from './new-hashes.ts'
import { parsePassword } from './passwords.ts'
import type { Revocations } from './revocations.ts'
import type { Sessions } from './session-store.ts'
import { TICKET_SECONDS, type Tickets } from './tickets.ts'
import { toUser } from './user-rows.ts'

/** What a person chooses in the web page or by the API. */
const LEAST_NEW_PASSWORD = 8

type Deps = {
  readonly db: Database
  readonly credentials: Credentials
  readonly newHashes: NewHashes
  readonly sessions: Sessions
  readonly sessionIds: SessionIds
  readonly bearers: Bearers
  readonly tickets: Tickets
  readonly revocations: Revocations
  readonly onPasswordReplaced: (userId: number) => void
}

/** The port's verbs about who asks. */
export const createSessionVerbs = (deps: Deps): Accounts['sessions'] => {
  const { db, credentials, newHashes, sessions, sessionIds, bearers, tickets } = deps

  const changePassword: Accounts['sessions']['changePassword'] = async (caller, given) => {
    const next = parsePassword(given.next, 'new_password', LEAST_NEW_PASSWORD)
    const userId = caller.user.id
    const { epoch, logger_name } = await credentials.confirm({
      userId,
      password: given.current,
      address: given.address,
    })
    const hashes = await newHashes(next, logger_name)
    const endedKeys = db.transaction(() => {
      // Somebody else may have changed the user or ended this session since the password was asked.
      const changed = db.run(
        `UPDATE user SET password_hash = ?, logger_hash = ?, epoch = epoch + 1
         WHERE id = ? AND epoch = ? AND removed_at IS NULL
         AND EXISTS (SELECT 1 FROM session WHERE key = ? AND user_id = user.id)`,
        [hashes.password, hashes.logger, userId, epoch, caller.sessionKey],
      )
      if (changed === 0) throw noLongerValid()
      return sessions.deleteAllOf(userId, caller.sessionKey)
    })
    sessions.announceUser({ userId, exceptSession: caller.sessionKey }, endedKeys)
    deps.onPasswordReplaced(userId)
  }

  return {
    login: async (given) => {
      const sessionId = await sessionIds.open(await credentials.check(given))
      const { user, token, expiresInSeconds } = await bearers.sign(sessionKeyOf(sessionId))
      return { user, sessionId, accessToken: token, expiresInSeconds }
    },
    authenticate: async (given) => toUser(await credentials.recheck(given)),
    byBearer: bearers.callerOf,
    byCookie: (sessionId) => sessionIds.callerOf(sessionId),
    logout: async (caller) => sessions.end(caller.sessionKey),
    changePassword,
    issueTicket: (caller) => ({
      ticket: tickets.issue(caller.sessionKey),
      expiresInSeconds: TICKET_SECONDS,
    }),
    redeemTicket: async (ticket) => {
      const sessionKey = tickets.redeem(ticket)
      return sessionKey === null ? null : sessions.find(sessionKey, 'perfwatch')
    },
    onRevoked: deps.revocations.onRevoked,
  }
}

/** What was asked for has been overtaken by a change of the user or the end of the session. */
const noLongerValid = () =>
  new AppError({ code: 'unauthenticated', detail: 'Could not validate credentials' })
