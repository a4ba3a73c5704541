import { createHash } from 'node:crypto'
import type { Gate } from './gate.ts'
import type { Passwords } from './passwords.ts'

/** What is stored of a new password: its hash, and that of the LoggerBot credential which is made of it. */
export type NewHashes = (
  password: string,
  /** The name as the LoggerBot client spells it; null: the account has no such credential. */
  loggerName: string | null,
) => Promise<{ readonly password: string; readonly logger: string | null }>

/** The one way in which a password is set, so that no LoggerBot credential outlives its password. */
export const createNewHashes =
  (passwords: Passwords, gate: Gate): NewHashes =>
  (password, loggerName) =>
    gate.run(async () => ({
      password: await passwords.hash(password),
      logger:
        loggerName === null ? null : await passwords.hash(loggerTokenOf(loggerName, password)),
    }))

/** The X-User-Token of LoggerBot's client. It is as good as the password, whence argon2 over it. */
export const loggerTokenOf = (name: string, password: string): string =>
  createHash('md5')
    .update(name + password)
    .digest('hex')
