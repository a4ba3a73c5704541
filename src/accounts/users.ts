import { AppError } from '../app-error.ts'
import type { Clock } from '../points/clock.ts'
import { ROLES, type Accounts, type Role, type User } from './accounts.ts'
import { isTaken, type Database } from './database.ts'
import { isLongerThan, parseName } from './names.ts'
import type { NewHashes } from './new-hashes.ts'
import { parsePassword } from './passwords.ts'
import type { Sessions } from './session-store.ts'
import type { SignUps } from './throttle.ts'
import {
  liveUser,
  liveUserNamed,
  toListedUser,
  toUser,
  USER_COLUMNS,
  type UserRow,
} from './user-rows.ts'

const LONGEST_TEL_ID = 255

type Deps = {
  readonly db: Database
  readonly clock: Clock
  readonly newHashes: NewHashes
  readonly sessions: Sessions
  readonly signUps: SignUps
  /** The first password is no longer the one that was made for it. */
  readonly onPasswordReplaced: (userId: number) => void
}

export const createUsers = (deps: Deps): Accounts['users'] => {
  const { db, clock, newHashes, sessions, signUps } = deps

  const create: Accounts['users']['create'] = async (user) => {
    const name = parseName(user.username, 'username')
    const password = parsePassword(user.password, 'password', user.minPasswordLength ?? 1)
    const role = parseRole(user.role)
    const telId = parseTelId(user.telId)
    // As the client spells it, which is what it makes its credential of.
    const loggerName = user.logger === true ? user.username : null
    // Asked before the costly hash; the unique key decides.
    if (db.first('SELECT 1 FROM user WHERE name_key = ?', [name.key])) throw taken(name.text)
    const hashes = await newHashes(password, loggerName)
    try {
      const [row] = db.all<UserRow>(
        `INSERT INTO user(username, name_key, password_hash, logger_name, logger_hash, tel_id, role, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING ${USER_COLUMNS}`,
        [name.text, name.key, hashes.password, loggerName, hashes.logger, telId, role, clock.now()],
      )
      return toUser(found(row))
    } catch (error) {
      throw isTaken(error) ? taken(name.text) : error
    }
  }

  return {
    list: async () =>
      db
        .all<UserRow>(`SELECT ${USER_COLUMNS} FROM user WHERE removed_at IS NULL ORDER BY name_key`)
        .map(toListedUser),
    find: async (username) => orNull(liveUserNamed(db, username)),
    get: async (id) => orNull(liveUser(db, id)),
    create,
    signUp: async ({ username, password, address }) => {
      const attempt = signUps.begin(address)
      try {
        return await create({ username, password, role: 'client' })
      } catch (error) {
        // Only accounts that were made count.
        attempt.forgive()
        throw error
      }
    },
    update: async (id, change, options = {}) => {
      const least = options.minPasswordLength ?? 1
      const role = change.role === undefined ? undefined : parseRole(change.role)
      const password =
        change.password === undefined
          ? undefined
          : parsePassword(change.password, 'password', least)
      const { logger_name } = found(liveUser(db, id))
      const hashes = password === undefined ? undefined : await newHashes(password, logger_name)
      const result = db.transaction(() => {
        const before = found(liveUser(db, id))
        const changesRole = role !== undefined && role !== before.role
        if (!changesRole && hashes === undefined) return { user: before, endedKeys: null }
        if (changesRole && before.role === 'admin') keepOneAdmin(db, id, 'demoted')
        const [after] = db.all<UserRow>(
          `UPDATE user SET role = ?, password_hash = ?, logger_hash = ?, epoch = epoch + 1
           WHERE id = ? RETURNING ${USER_COLUMNS}`,
          [
            role ?? before.role,
            hashes?.password ?? before.password_hash,
            hashes === undefined ? before.logger_hash : hashes.logger,
            id,
          ],
        )
        return { user: found(after), endedKeys: sessions.deleteAllOf(id) }
      })
      if (result.endedKeys !== null) sessions.announceUser({ userId: id }, result.endedKeys)
      if (hashes !== undefined) deps.onPasswordReplaced(id)
      return toUser(result.user)
    },
    nameOf: async (id) =>
      Number.isSafeInteger(id)
        ? (db.first<{ username: string }>('SELECT username FROM user WHERE id = ?', [id])
            ?.username ?? null)
        : null,
    remove: async (id, options = {}) => {
      const endedKeys = db.transaction(() => {
        const user = liveUser(db, id)
        if (user === undefined && !(options.forget === true && isTombstone(db, id))) found(user)
        if (user?.role === 'admin') keepOneAdmin(db, id, 'removed')
        const ended = sessions.deleteAllOf(id)
        if (options.forget === true) forget(db, clock, id)
        else bury(db, clock, id)
        return ended
      })
      sessions.announceUser({ userId: id }, endedKeys)
      deps.onPasswordReplaced(id)
    },
  }
}

const keepOneAdmin = (db: Database, id: number, what: 'removed' | 'demoted'): void => {
  const other = db.first(
    `SELECT 1 FROM user WHERE role = 'admin' AND removed_at IS NULL AND id <> ? LIMIT 1`,
    [id],
  )
  if (other === undefined) {
    throw new AppError({
      code: 'conflict',
      detail: `The last admin cannot be ${what}. Make another account an admin first.`,
    })
  }
}

const bury = (db: Database, clock: Clock, id: number): void => {
  db.run(
    `UPDATE user SET removed_at = ?, password_hash = NULL, logger_name = NULL, logger_hash = NULL, tel_id = NULL,
     epoch = epoch + 1 WHERE id = ?`,
    [clock.now(), id],
  )
}

/** Frees the name. Projects that were not purged with it go, but their titles stay taken: their events are there. */
const forget = (db: Database, clock: Clock, id: number): void => {
  db.run('UPDATE project SET removed_at = ? WHERE owner_id = ? AND removed_at IS NULL', [
    clock.now(),
    id,
  ])
  db.run('DELETE FROM user WHERE id = ?', [id])
}

const isTombstone = (db: Database, id: number): boolean =>
  Number.isSafeInteger(id) &&
  db.first('SELECT 1 FROM user WHERE id = ? AND removed_at IS NOT NULL', [id]) !== undefined

const parseRole = (value: unknown): Role => {
  const role = ROLES.find((known) => known === value)
  if (role !== undefined) return role
  throw new AppError({ code: 'invalid', detail: `role must be one of: ${ROLES.join(', ')}` })
}

const parseTelId = (value: unknown): string | null => {
  if (value === undefined || value === '') return null
  if (
    typeof value === 'string' &&
    !isLongerThan(value, LONGEST_TEL_ID) &&
    !/[\p{Cc}\p{Cs}]/u.test(value)
  )
    return value
  throw new AppError({
    code: 'invalid',
    detail: `tel_id must be at most ${LONGEST_TEL_ID} characters long, without control characters`,
  })
}

const found = (row: UserRow | undefined): UserRow => {
  if (row !== undefined) return row
  throw new AppError({ code: 'not-found', detail: 'User not found' })
}

const orNull = (row: UserRow | undefined): User | null => (row === undefined ? null : toUser(row))

const taken = (username: string) =>
  new AppError({
    code: 'conflict',
    detail: `The username ${JSON.stringify(username)} is taken; choose another.`,
  })
