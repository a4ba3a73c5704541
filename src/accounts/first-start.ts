import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../app-error.ts'
import type { Clock } from '../points/clock.ts'
import { writeConfig } from './config-store.ts'
import { createTextFile } from './data-folder.ts'
import type { Database } from './database.ts'
import { writeFact } from './facts.ts'
import { parseName } from './names.ts'
import { parsePassword, type Passwords } from './passwords.ts'
import type { RandomBytes } from './random.ts'
import { liveUserNamed } from './user-rows.ts'

export const INITIAL_PASSWORD_FILE = 'initial-admin-password'
const FIRST_ADMIN = 'accounts.first_admin_id'

/** What the server tells its owner once. */
export type FirstStart = {
  readonly username: string
  /** Null: it was given as ADMIN_PASSWORD, or it must not be printed. */
  readonly password: string | null
  /** Where the password is until it is changed; null: it was given. */
  readonly file: string | null
}

type Deps = {
  readonly db: Database
  readonly folder: string
  readonly clock: Clock
  readonly random: RandomBytes
  readonly passwords: Passwords
  readonly adminUsername: string
  readonly adminPassword: string | undefined
  readonly printPassword: boolean
  readonly samplingIntervalSeconds: number | undefined
}

/** Makes the first admin where there is no account yet. AppError `setup` for a name or password that cannot be one. */
export const ensureFirstAdmin = async (
  deps: Deps,
): Promise<{ firstStart: FirstStart | null; warnings: readonly string[] }> => {
  const { db, folder, adminPassword } = deps
  const file = join(folder, INITIAL_PASSWORD_FILE)
  if (hasUsers(db)) return { firstStart: null, warnings: await laterWarnings(deps, file) }

  const username = asSetting('ADMIN_USERNAME', () => parseName(deps.adminUsername, 'the name'))
  const password =
    adminPassword === undefined
      ? initialPassword(file, deps.random)
      : asSetting('ADMIN_PASSWORD', () => parsePassword(adminPassword, 'the password', 1))
  const hash = await deps.passwords.hash(password)
  const made = db.transaction(() => {
    // Another process may have been faster.
    if (hasUsers(db)) return false
    const [row] = db.all<{ id: number }>(
      `INSERT INTO user(username, name_key, password_hash, role, created_at)
       VALUES (?, ?, ?, 'admin', ?) RETURNING id`,
      [username.text, username.key, hash, deps.clock.now()],
    )
    writeFact(db, FIRST_ADMIN, String(row?.id))
    if (deps.samplingIntervalSeconds !== undefined) {
      writeConfig(db, 'sampling_interval_seconds', deps.samplingIntervalSeconds)
    }
    return true
  })
  if (!made) return { firstStart: null, warnings: [] }
  if (adminPassword === undefined) {
    const shown = deps.printPassword ? password : null
    return { firstStart: { username: username.text, password: shown, file }, warnings: [] }
  }
  return {
    firstStart: { username: username.text, password: null, file: null },
    warnings: isWeak(password, username.key)
      ? ['ADMIN_PASSWORD is weak; change it before others can reach this server.']
      : [],
  }
}

/** Once the first admin has another password (or is gone), the file with the first one goes. */
export const forgetInitialPassword = (db: Database, folder: string, userId: number): void => {
  const first = db.first<{ value: string }>('SELECT value FROM fact WHERE key = ?', [FIRST_ADMIN])
  if (first?.value === String(userId)) rmSync(join(folder, INITIAL_PASSWORD_FILE), { force: true })
}

const hasUsers = (db: Database): boolean => db.first('SELECT 1 FROM user LIMIT 1') !== undefined

/** Settings of the first start that say something else now, and would be thought to hold. */
const laterWarnings = async (deps: Deps, file: string): Promise<readonly string[]> => {
  const warnings: string[] = []
  const { db, passwords, adminUsername, adminPassword, samplingIntervalSeconds } = deps
  if (adminPassword !== undefined) {
    const user = liveUserNamed(db, adminUsername)
    if (!(await passwords.verify(user?.password_hash ?? null, adminPassword))) {
      warnings.push(
        'ADMIN_PASSWORD and ADMIN_USERNAME only count at the first start and are ignored now; `perfwatch user passwd` changes a password.',
      )
    }
  }
  const sampling = db.first<{ value: string }>(
    `SELECT value FROM config WHERE key = 'sampling_interval_seconds'`,
  )?.value
  if (samplingIntervalSeconds !== undefined && sampling !== String(samplingIntervalSeconds)) {
    warnings.push(
      'SAMPLING_INTERVAL_SECONDS only counts at the first start and is ignored now; PUT /api/config changes the interval.',
    )
  }
  if (existsSync(file)) {
    warnings.push(`The first password of the first admin is still in ${file}; change it.`)
  }
  return warnings
}

/** The one of a first start that was cut short, if there was one, else a new one. */
const initialPassword = (file: string, random: RandomBytes): string => {
  if (!existsSync(file)) createTextFile(file, `${speakable(random)}\n`)
  const password = readPassword(file)
  if (password !== '') return password
  throw new AppError({ code: 'setup', detail: `${file} is empty; delete it and start again.` })
}

const readPassword = (file: string): string => {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (cause) {
    const detail = `${file} cannot be read; delete it and start again.`
    throw new AppError({ code: 'setup', detail, cause })
  }
}

/** 100 random bits in letters and digits that are not mistaken for each other. */
const speakable = (random: RandomBytes): string =>
  Array.from(random(20), (byte) => ALPHABET[byte % ALPHABET.length])
    .join('')
    .replace(/.{5}(?=.)/g, '$&-')
const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789'

/** A hint, no rule: short, few different characters, or with the name in it. */
const isWeak = (password: string, username: string): boolean =>
  password.length < 12 || new Set(password).size < 6 || password.toLowerCase().includes(username)

const asSetting = <T>(setting: string, parse: () => T): T => {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    throw new AppError({ code: 'setup', detail: `${setting}: ${error.message}.` })
  }
}
