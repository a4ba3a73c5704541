import { instant } from '../points/instant.ts'
import type { ListedUser, Role, User } from './accounts.ts'
import type { Database } from './database.ts'
import { keyOfGiven } from './names.ts'

/** An account that was not removed. */
export type UserRow = {
  readonly id: number
  readonly username: string
  readonly role: Role
  readonly epoch: number
  readonly password_hash: string
  /** The name that the LoggerBot credential is made with; null: there is none. */
  readonly logger_name: string | null
  readonly logger_hash: string | null
  readonly tel_id: string | null
  readonly created_at: number
  readonly last_login: number | null
}

export const USER_COLUMNS =
  'id, username, role, epoch, password_hash, logger_name, logger_hash, tel_id, created_at, last_login'

/** What `toUser` needs. */
type ShownRow = Pick<UserRow, 'id' | 'username' | 'role' | 'created_at' | 'last_login'>

export const toUser = (row: ShownRow): User => ({
  id: row.id,
  username: row.username,
  role: row.role,
  createdAt: instant(row.created_at),
  lastLogin: row.last_login === null ? null : instant(row.last_login),
})

export const toListedUser = (row: UserRow): ListedUser => ({ ...toUser(row), telId: row.tel_id })

export const liveUser = (db: Database, id: number): UserRow | undefined =>
  Number.isSafeInteger(id)
    ? db.first(`SELECT ${USER_COLUMNS} FROM user WHERE id = ? AND removed_at IS NULL`, [id])
    : undefined

/** By a name in any spelling; undefined also for what can be no name. */
export const liveUserNamed = (db: Database, username: string): UserRow | undefined => {
  const key = keyOfGiven(username)
  return key === null
    ? undefined
    : db.first(`SELECT ${USER_COLUMNS} FROM user WHERE name_key = ? AND removed_at IS NULL`, [key])
}
