import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { AppError } from '../app-error.ts'
import type { Clock } from '../points/clock.ts'
import { instant } from '../points/instant.ts'
import type { Caller, Login, Revocation } from './accounts.ts'
import { openAccounts, type AccountsOptions } from './open-accounts.ts'
import type { HashCost } from './passwords.ts'

export const START = Date.UTC(2025, 0, 18, 10)

/** Stands still until it is told. */
export const createFakeClock = (): Clock & { advance(ms: number): void } => {
  let passed = 0
  return {
    now: () => instant(START + passed),
    monotonic: () => passed,
    advance: (ms) => {
      passed += ms
    },
  }
}

/** Hashes that cost next to nothing: what they cost in the product is tested once. */
export const CHEAP: HashCost = { memoryCost: 64, timeCost: 1 }

export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'perfwatch-accounts-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export const ADMIN = { username: 'admin', password: 'a first password', address: '192.0.2.1' }

/** Accounts in a folder of their own, with an admin, and no timer unless asked for. */
export const openTemporary = async (options: Partial<AccountsOptions> = {}) => {
  const clock = createFakeClock()
  const folder = options.folder ?? temporaryFolder()
  const problems: string[] = []
  const opened = await openAccounts({
    folder,
    clock,
    adminUsername: ADMIN.username,
    adminPassword: ADMIN.password,
    jwtExpireHours: 24,
    hashing: CHEAP,
    every: () => () => {},
    onProblem: (sentence) => problems.push(sentence),
    ...options,
  })
  onTestFinished(() => opened.accounts.close())
  return { ...opened, clock, folder, problems }
}

/** The same, with what is most asked of sessions at hand. */
export const openSessions = async (options?: Partial<AccountsOptions>) => {
  const opened = await openTemporary(options)
  const { sessions, users } = opened.accounts
  const told: Revocation[] = []
  sessions.onRevoked((revocation) => told.push(revocation))
  return { ...opened, sessions, users, told, login: () => sessions.login(ADMIN) }
}

export const callerOf = (caller: Caller | null): Caller => {
  if (caller === null) throw new Error('Nobody.')
  return caller
}

/** The session that a token names. */
export const sidOf = ({ accessToken }: Login): string =>
  JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString()).sid

export const WRONG = { code: 'unauthenticated', detail: 'Invalid username or password' }

/** What an AppError says, as a value to compare. */
export type Refusal = { code: string; detail: string; retryAfterSeconds?: number }

export const refusalOf = async (work: () => unknown): Promise<Refusal> => {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const { code, message: detail, retryAfterSeconds } = error
    return retryAfterSeconds === undefined ? { code, detail } : { code, detail, retryAfterSeconds }
  }
  throw new Error('It was not refused.')
}
