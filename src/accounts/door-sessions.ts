import type { Clock } from '../points/clock.ts'
import { DAY, instant, MINUTE } from '../points/instant.ts'
import type { Accounts, DoorSession } from './accounts.ts'
import { wrongLogin, type Credentials } from './credentials.ts'
import type { Database } from './database.ts'
import type { OnProblem } from './listeners.ts'
import { keyOfGiven } from './names.ts'
import { hashOfSecret, type RandomBytes } from './random.ts'
import type { Sessions } from './session-store.ts'
import { toUser, type UserRow } from './user-rows.ts'
import { canonicalUuid, randomUuid } from './uuid.ts'

/** A client that is silent for so long must log in again. */
const IDLE_MS = 30 * DAY
/** `last_used` is as exact as this, so that a post each second does not write it each time. */
const LAST_USED_EVERY_MS = 10 * MINUTE
/** Of one user; beyond, the oldest end. */
const MOST_OPEN = 1_000
/** Of one user, with those that have ended; beyond, the oldest are forgotten, not what they sent. */
const MOST_KEPT = 10_000
/** 64 random bits: never given twice, also not after the accounts were begun anew beside old data. */
const ID_BYTES = 8

type Deps = {
  readonly db: Database
  readonly clock: Clock
  readonly random: RandomBytes
  readonly credentials: Credentials
  readonly signUp: Accounts['users']['signUp']
  readonly sessions: Sessions
  readonly onProblem: OnProblem
}

/**
 * Nothing of them is held in memory: the row is read in some microseconds, as long as it takes to ask whether another
 * process has changed it. They end with the epoch of their user, by a trigger.
 */
export const createDoorSessions = (deps: Deps): Accounts['doorSessions'] => {
  const { db, clock, random, credentials } = deps

  const open = (user: { id: number; epoch: number }) => {
    const hash = randomUuid(random)
    const id = Buffer.from(random(ID_BYTES)).toString('hex')
    const [opened] = db.transaction(() => {
      const now = clock.now()
      db.run(
        `INSERT INTO door_session(id, user_id, hash, started_at)
         SELECT ?, id, ?, ? FROM user WHERE id = ? AND epoch = ? AND removed_at IS NULL`,
        [id, hashOfSecret(hash), now, user.id, user.epoch],
      )
      db.run('UPDATE user SET last_login = ? WHERE id = ? AND epoch = ?', [
        now,
        user.id,
        user.epoch,
      ])
      endOldest(db, user.id)
      return db.all<SessionRow>(`${SESSIONS} WHERE door_session.id = ?`, [id])
    })
    // Somebody changed or removed the user since the password was asked.
    if (opened === undefined) throw wrongLogin()
    deps.sessions.reread(user.id)
    return { hash, session: toSession(opened) }
  }

  const noteUse = (id: string, lastUsed: number | null): void => {
    const now = clock.now()
    if (lastUsed !== null && Math.abs(now - lastUsed) < LAST_USED_EVERY_MS) return
    try {
      db.run('UPDATE door_session SET last_used = ? WHERE id = ?', [now, id])
    } catch (cause) {
      // A sample is not refused for want of a note about it.
      deps.onProblem('The last use of a client session could not be noted.', cause)
    }
  }

  return {
    // A user that was just made is at the first epoch.
    register: async (given) => open({ id: (await deps.signUp(given)).id, epoch: 0 }),
    login: async (given) => open(await credentials.check(given)),
    verify: async (given) => {
      const uuid = canonicalUuid(given)
      if (uuid === null) return null
      const row = db.first<HeldRow>(HELD, [hashOfSecret(uuid)])
      if (row === undefined) return null
      if ((row.last_used ?? row.started_at) + IDLE_MS <= clock.now()) return null
      noteUse(row.session_id, row.last_used)
      return {
        user: toUser(row),
        sessionId: row.session_id,
        startedAt: instant(row.started_at),
      }
    },
    list: async (username) => {
      const order = 'ORDER BY started_at, door_session.id'
      const rows =
        username === undefined
          ? db.all<SessionRow>(`${SESSIONS} ${order}`)
          : db.all<SessionRow>(`${SESSIONS} WHERE name_key = ? ${order}`, [
              keyOfGiven(username) ?? '',
            ])
      return rows.map(toSession)
    },
    find: async (sessionId) => {
      const row = db.first<SessionRow>(`${SESSIONS} WHERE door_session.id = ?`, [sessionId])
      return row === undefined ? null : toSession(row)
    },
  }
}

/** Ends what was not used for too long; a session by which nothing was sent leaves nothing. */
export const endIdleDoorSessions = (db: Database, clock: Clock): void => {
  const before = clock.now() - IDLE_MS
  db.run('DELETE FROM door_session WHERE last_used IS NULL AND started_at <= ?', [before])
  db.run('UPDATE door_session SET hash = NULL WHERE hash IS NOT NULL AND last_used <= ?', [before])
}

const endOldest = (db: Database, userId: number): void => {
  db.run(
    `UPDATE door_session SET hash = NULL WHERE id IN (
       SELECT id FROM door_session WHERE user_id = ? AND hash IS NOT NULL
       ORDER BY started_at DESC, rowid DESC LIMIT -1 OFFSET ?)`,
    [userId, MOST_OPEN],
  )
  db.run(
    `DELETE FROM door_session WHERE id IN (
       SELECT id FROM door_session WHERE user_id = ?
       ORDER BY started_at DESC, rowid DESC LIMIT -1 OFFSET ?)`,
    [userId, MOST_KEPT],
  )
}

type SessionRow = { readonly id: string; readonly username: string; readonly started_at: number }

const SESSIONS = `SELECT door_session.id, username, started_at FROM door_session
  JOIN user ON user.id = user_id`

const toSession = (row: SessionRow): DoorSession => ({
  id: row.id,
  username: row.username,
  startedAt: instant(row.started_at),
})

type HeldRow = Pick<UserRow, 'id' | 'username' | 'role' | 'created_at' | 'last_login'> & {
  readonly session_id: string
  readonly started_at: number
  readonly last_used: number | null
}

const HELD = `SELECT door_session.id AS session_id, started_at, last_used,
    user.id, username, role, created_at, last_login
  FROM door_session JOIN user ON user.id = user_id WHERE hash = ? AND removed_at IS NULL`
