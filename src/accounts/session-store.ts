import type { Clock } from '../points/clock.ts'
import { instant, type Instant } from '../points/instant.ts'
import type { Caller, Revocation, User } from './accounts.ts'
import { createBoundedMap } from './bounded-map.ts'
import type { Database } from './database.ts'
import type { ForeignChanges } from './foreign-changes.ts'
import type { Surface } from './jwt.ts'
import type { Revocations } from './revocations.ts'
import { liveUser, toUser } from './user-rows.ts'

/** Beyond, the oldest sessions of a user at a surface end, so that one account cannot fill the disk by logging in. */
const MOST_PER_USER = 1_000
const MOST_CACHED = 10_000

/** Where sessions are kept, by the hash of their id; reading costs microseconds once it was asked. */
export type Sessions = {
  /** Opens one and notes the log-in; false when the user has changed since `epoch`. */
  open(session: {
    key: string
    surface: Surface
    userId: number
    epoch: number
    expiresAt: Instant
  }): boolean
  /** Null also where the session is of another surface. */
  find(key: string, surface: Surface): Caller | null
  end(key: string): void
  /** Inside a transaction; announce what it gives after the commit. */
  deleteAllOf(userId: number, exceptKey?: string): readonly string[]
  announceUser(
    ended: { userId: number; exceptSession?: string },
    endedKeys: readonly string[],
  ): void
  deleteExpired(): void
  /** A log-in that opened a session elsewhere was noted. */
  reread(userId: number): void
}

type Deps = {
  readonly db: Database
  readonly clock: Clock
  readonly changes: ForeignChanges
  readonly revocations: Revocations
}

export const createSessions = ({ db, clock, changes, revocations }: Deps): Sessions => {
  const rows = createBoundedMap<string, { userId: number; surface: string; expiresAt: Instant }>(
    MOST_CACHED,
  )
  const users = createBoundedMap<number, User>(MOST_CACHED)
  changes.onChange(() => {
    rows.clear()
    users.clear()
  })

  const rowOf = (key: string) =>
    rows.getOrMake(key, () => {
      const row = db.first<{ user_id: number; surface: string; expires_at: number }>(
        'SELECT user_id, surface, expires_at FROM session WHERE key = ?',
        [key],
      )
      return (
        row && { userId: row.user_id, surface: row.surface, expiresAt: instant(row.expires_at) }
      )
    })
  const userOf = (id: number) =>
    users.getOrMake(id, () => {
      const row = liveUser(db, id)
      return row && toUser(row)
    })

  /** Out of the cache first: a listener may ask who a caller is. */
  const announce = (revocation: readonly Revocation[], endedKeys: readonly string[]): void => {
    for (const key of endedKeys) rows.delete(key)
    revocations.announce(revocation, endedKeys)
  }
  const announceEach = (keys: readonly string[]): void =>
    announce(
      keys.map((sessionKey) => ({ kind: 'session', sessionKey })),
      keys,
    )

  return {
    open: ({ key, surface, userId, epoch, expiresAt }) => {
      const dropped = db.transaction(() => {
        const opened = db.run(
          `INSERT INTO session(key, surface, user_id, created_at, expires_at)
           SELECT ?, ?, id, ?, ? FROM user WHERE id = ? AND epoch = ? AND removed_at IS NULL`,
          [key, surface, clock.now(), expiresAt, userId, epoch],
        )
        if (opened === 0) return null
        db.run('UPDATE user SET last_login = ? WHERE id = ?', [clock.now(), userId])
        return keysOf(
          db.all(
            `DELETE FROM session WHERE key IN (
               SELECT key FROM session WHERE user_id = ? AND surface = ? AND key <> ?
               ORDER BY created_at DESC, key LIMIT -1 OFFSET ?) RETURNING key`,
            [userId, surface, key, MOST_PER_USER - 1],
          ),
        )
      })
      if (dropped === null) return false
      users.delete(userId)
      announceEach(dropped)
      return true
    },
    find: (key, surface) => {
      // Makes the cache exact: what another process has committed is seen by the next question.
      changes.check()
      const row = rowOf(key)
      if (row === undefined || row.surface !== surface) return null
      if (row.expiresAt <= clock.now()) return null
      const user = userOf(row.userId)
      return user === undefined ? null : { user, sessionKey: key, expiresAt: row.expiresAt }
    },
    end: (key) => {
      announceEach(keysOf(db.all('DELETE FROM session WHERE key = ? RETURNING key', [key])))
    },
    deleteAllOf: (userId, exceptKey = '') =>
      keysOf(
        db.all('DELETE FROM session WHERE user_id = ? AND key <> ? RETURNING key', [
          userId,
          exceptKey,
        ]),
      ),
    announceUser: (ended, endedKeys) => {
      users.delete(ended.userId)
      announce([{ kind: 'user', ...ended }], endedKeys)
    },
    deleteExpired: () => {
      announceEach(
        keysOf(db.all('DELETE FROM session WHERE expires_at <= ? RETURNING key', [clock.now()])),
      )
    },
    reread: users.delete,
  }
}

const keysOf = (rows: readonly { readonly key: string }[]): string[] => rows.map(({ key }) => key)
