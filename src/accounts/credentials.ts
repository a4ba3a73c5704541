import { AppError } from '../app-error.ts'
import type { GivenLogin } from './accounts.ts'
import type { Database } from './database.ts'
import type { Gate } from './gate.ts'
import { keyOfGiven } from './names.ts'
import type { Passwords } from './passwords.ts'
import type { Throttle } from './throttle.ts'
import { liveUser, liveUserNamed, type UserRow } from './user-rows.ts'
import type { AccountSecret, VerifiedSecrets } from './verified-secrets.ts'

export type Credentials = {
  /** The user of a name and password; AppError `unauthenticated`, the same and as late whatever was wrong. */
  check(given: GivenLogin): Promise<UserRow>
  /** As `check`, for a password that comes with every request: one that was right is known again for some minutes. */
  recheck(given: GivenLogin): Promise<UserRow>
  /** As `recheck`, of a name and X-User-Token. */
  recheckLogger(given: { username: string; token: string; address: string }): Promise<UserRow>
  /** Asks a known user's password again; AppError `invalid` when it is wrong. Throttled together with log-ins. */
  confirm(given: { userId: number; password: string; address: string }): Promise<UserRow>
}

/** Which hash of an account is asked. */
type Column = AccountSecret['column']

/** One question: whose secret it is said to be. */
type Asked = {
  readonly who: { readonly account: string; readonly address: string }
  readonly find: () => UserRow | undefined
  readonly column: Column
  readonly secret: string
}

type Deps = {
  readonly db: Database
  readonly passwords: Passwords
  readonly gate: Gate
  readonly throttle: Throttle
  readonly verified: VerifiedSecrets
}

const RENEW = {
  password_hash: 'UPDATE user SET password_hash = ? WHERE id = ? AND password_hash = ?',
  logger_hash: 'UPDATE user SET logger_hash = ? WHERE id = ? AND logger_hash = ?',
} as const satisfies Record<Column, string>

export const createCredentials = (deps: Deps): Credentials => {
  const { db, passwords, gate, throttle, verified } = deps
  /** Secrets that are being hashed for `known`. */
  const running = new Map<string, Promise<unknown>>()

  const matching = async ({ find, column, secret }: Asked): Promise<UserRow | undefined> => {
    const user = find()
    const hashed = user?.[column] ?? null
    const right = await passwords.verify(hashed, secret)
    if (user === undefined || hashed === null || !right) return undefined
    if (passwords.isOutdated(hashed)) {
      db.run(RENEW[column], [await passwords.hash(secret), user.id, hashed])
    }
    return user
  }

  const throttled = (asked: Asked): Promise<UserRow | undefined> => {
    // Before the line for a hash too, so that refused attempts cannot fill it.
    throttle.check(asked.who)
    return gate.run(async () => {
      const attempt = throttle.begin(asked.who)
      try {
        const user = await matching(asked)
        if (user !== undefined) attempt.forgive()
        return user
      } catch (error) {
        attempt.forgive()
        throw error
      }
    })
  }

  const keyOf = ({ id, epoch }: UserRow, { column, secret }: Asked): string =>
    verified.keyOf({ column, userId: id, epoch, secret })

  const remembered = (asked: Asked): UserRow | undefined => {
    const user = asked.find()
    return user !== undefined && verified.has(keyOf(user, asked)) ? user : undefined
  }

  const known = async (asked: Asked): Promise<UserRow | undefined> => {
    // Before what is remembered: guesses at a blocked account must not find out that one was right.
    throttle.check(asked.who)
    const user = asked.find()
    if (user === undefined) return throttled(asked)
    const key = keyOf(user, asked)
    if (verified.has(key)) return user
    // Many at once with the same secret wait for one hash; where it was wrong, each is an attempt of its own.
    const other = running.get(key)
    if (other !== undefined) {
      await other
      const meanwhile = remembered(asked)
      if (meanwhile !== undefined) return meanwhile
    }
    const answer = throttled(asked)
    const settled = answer.then(
      (right) => right !== undefined && verified.add(keyOf(right, asked)),
      () => {},
    )
    running.set(key, settled)
    try {
      return await answer
    } finally {
      await settled
      if (running.get(key) === settled) running.delete(key)
    }
  }

  return {
    check: async (given) => rightOne(await throttled(passwordOf(db, given))),
    recheck: async (given) => rightOne(await known(passwordOf(db, given))),
    recheckLogger: async ({ username, token, address }) => {
      requireText(username, 'username')
      requireText(token, 'token')
      return rightOne(
        await known({ ...named(db, username, address), column: 'logger_hash', secret: token }),
      )
    },
    confirm: async ({ userId, password, address }) => {
      requireText(password, 'current_password')
      const find = () => liveUser(db, userId)
      const account = keyOfGiven(find()?.username) ?? ''
      const user = await throttled({
        who: { account, address },
        find,
        column: 'password_hash',
        secret: password,
      })
      if (user !== undefined) return user
      throw new AppError({ code: 'invalid', detail: 'Current password is incorrect' })
    },
  }
}

const passwordOf = (db: Database, { username, password, address }: GivenLogin): Asked => {
  requireText(username, 'username')
  requireText(password, 'password')
  return { ...named(db, username, address), column: 'password_hash', secret: password }
}

/** What can be no name shares one count: it opens nothing. */
const named = (db: Database, username: string, address: string): Pick<Asked, 'who' | 'find'> => ({
  who: { account: keyOfGiven(username) ?? '', address },
  find: () => liveUserNamed(db, username),
})

const rightOne = (user: UserRow | undefined): UserRow => {
  if (user !== undefined) return user
  throw wrongLogin()
}

/** The same whatever was wrong. */
export const wrongLogin = () =>
  new AppError({ code: 'unauthenticated', detail: 'Invalid username or password' })

/** Callers parse their input; what slips through must not be counted, hashed or bound. */
const requireText = (value: unknown, field: string): void => {
  if (typeof value === 'string') return
  throw new AppError({ code: 'invalid', detail: `${field} must be a string` })
}
