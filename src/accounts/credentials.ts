import { AppError } from '../app-error.ts'
import type { Database } from './database.ts'
import type { Gate } from './gate.ts'
import { keyOfGiven } from './names.ts'
import type { Passwords } from './passwords.ts'
import type { Throttle } from './throttle.ts'
import { liveUser, liveUserNamed, type UserRow } from './user-rows.ts'

export type Credentials = {
  /** The user of a name and password; AppError `unauthenticated`, the same and as late whatever was wrong. */
  check(given: { username: string; password: string; address: string }): Promise<UserRow>
  /** Asks a known user's password again; AppError `invalid` when it is wrong. Throttled together with log-ins. */
  confirm(given: { userId: number; password: string; address: string }): Promise<UserRow>
}

type Deps = {
  readonly db: Database
  readonly passwords: Passwords
  readonly gate: Gate
  readonly throttle: Throttle
}

export const createCredentials = ({ db, passwords, gate, throttle }: Deps): Credentials => {
  const matching = async (user: UserRow | undefined, password: string) => {
    const hashed = user?.password_hash ?? null
    const right = await passwords.verify(hashed, password)
    if (user === undefined || !right) return undefined
    if (passwords.isOutdated(user.password_hash)) {
      const renewed = await passwords.hash(password)
      db.run('UPDATE user SET password_hash = ? WHERE id = ? AND password_hash = ?', [
        renewed,
        user.id,
        user.password_hash,
      ])
    }
    return user
  }

  const throttled = (
    who: { account: string; address: string },
    find: () => UserRow | undefined,
    password: string,
  ): Promise<UserRow | undefined> => {
    // Before the line for a hash too, so that refused attempts cannot fill it.
    throttle.check(who)
    return gate.run(async () => {
      const attempt = throttle.begin(who)
      try {
        const user = await matching(find(), password)
        if (user !== undefined) attempt.forgive()
        return user
      } catch (error) {
        attempt.forgive()
        throw error
      }
    })
  }

  return {
    check: async ({ username, password, address }) => {
      requireText(username, 'username')
      requireText(password, 'password')
      // What can be no name shares one count: it opens nothing.
      const account = keyOfGiven(username) ?? ''
      const find = () => liveUserNamed(db, username)
      const user = await throttled({ account, address }, find, password)
      if (user !== undefined) return user
      throw new AppError({ code: 'unauthenticated', detail: 'Invalid username or password' })
    },
    confirm: async ({ userId, password, address }) => {
      requireText(password, 'current_password')
      const known = liveUser(db, userId)
      const account = known === undefined ? '' : (keyOfGiven(known.username) ?? '')
      const user = await throttled({ account, address }, () => liveUser(db, userId), password)
      if (user !== undefined) return user
      throw new AppError({ code: 'invalid', detail: 'Current password is incorrect' })
    },
  }
}

/** Callers parse their input; what slips through must not be counted, hashed or bound. */
const requireText = (value: unknown, field: string): void => {
  if (typeof value === 'string') return
  throw new AppError({ code: 'invalid', detail: `${field} must be a string` })
}
