import { join } from 'node:path'
import type { Clock } from '../points/clock.ts'
import { HOUR, MINUTE, SECOND } from '../points/instant.ts'
import type { Accounts } from './accounts.ts'
import { createBearers } from './bearers.ts'
import { createConfigStore } from './config-store.ts'
import { createCredentials } from './credentials.ts'
import { ACCOUNTS_FILE, prepareDataFolder, tightenFile } from './data-folder.ts'
import { createFacts } from './facts.ts'
import { createDoorSessions, endIdleDoorSessions } from './door-sessions.ts'
import {
  ensureFirstAdmin,
  forgetInitialPassword,
  INITIAL_PASSWORD_FILE,
  type FirstStart,
} from './first-start.ts'
import { createForeignChanges } from './foreign-changes.ts'
import { createGate } from './gate.ts'
import { createJwt, type Surface } from './jwt.ts'
import { JWT_SECRET_FILE, jwtSecret } from './jwt-secret.ts'
import type { OnProblem } from './listeners.ts'
import { createLogger } from './logger.ts'
import { createSessionIds } from './lucia.ts'
import { createNewHashes } from './new-hashes.ts'
import { openDatabase } from './open-database.ts'
import { createPasswords, HASH_COST, type HashCost } from './passwords.ts'
import { createProjects } from './projects.ts'
import { systemRandom, type RandomBytes } from './random.ts'
import { createRevocations } from './revocations.ts'
import { createSessions } from './session-store.ts'
import { createSessionVerbs } from './sessions.ts'
import { createSpeedlog } from './speedlog.ts'
import { createSignUps, createThrottle } from './throttle.ts'
import { createTickets } from './tickets.ts'
import { createTokens } from './tokens.ts'
import { createUsers } from './users.ts'
import { createVerifiedSecrets } from './verified-secrets.ts'

/** Calls `work` again and again without keeping the process alive; gives what stops it. */
export type Every = (ms: number, work: () => void) => () => void

export type AccountsOptions = {
  /** DATA_DIR; made when it is missing. */
  readonly folder: string
  readonly clock: Clock
  readonly random?: RandomBytes
  readonly adminUsername: string
  /** Undefined: a random one is made at the first start. */
  readonly adminPassword?: string | undefined
  /** False: the first start tells only the file of the random password. */
  readonly printPassword?: boolean
  /** Undefined: one is made and kept in the folder. */
  readonly jwtSecret?: string | undefined
  readonly jwtExpireHours: number
  /** Taken at the first start only. */
  readonly samplingIntervalSeconds?: number | undefined
  readonly hashing?: HashCost
  readonly every?: Every
  readonly onProblem?: OnProblem
}

export type OpenedAccounts = {
  readonly accounts: Accounts
  /** What to print when these accounts were just begun, else null. */
  readonly firstStart: FirstStart | null
  /** Sentences for the owner at the start. */
  readonly warnings: readonly string[]
  /** Tells at once what another process has changed; runs every second by itself. */
  poll(): void
}

/** Hashes take 19 MiB and a thread each; of the four threads of Node two stay free for files. */
const HASHES = { atOnce: 2, waiting: 200 }
const POLL_MS = SECOND
const HOUSEKEEPING_MS = 10 * MINUTE

/** Opens `accounts.db` and what belongs to it. AppError `setup` when that cannot be, and nothing is overwritten. */
export const openAccounts = async (options: AccountsOptions): Promise<OpenedAccounts> => {
  const { folder, clock, random = systemRandom, onProblem = () => {} } = options
  const warnings = [...prepareDataFolder(folder)]
  const db = openDatabase(join(folder, ACCOUNTS_FILE))
  try {
    const passwords = createPasswords(options.hashing ?? HASH_COST, random)
    const first = await ensureFirstAdmin({
      db,
      folder,
      clock,
      random,
      passwords,
      adminUsername: options.adminUsername,
      adminPassword: options.adminPassword,
      printPassword: options.printPassword ?? true,
      samplingIntervalSeconds: options.samplingIntervalSeconds,
    })
    const secret = jwtSecret({ folder, given: options.jwtSecret, random })
    for (const name of [JWT_SECRET_FILE, INITIAL_PASSWORD_FILE]) {
      warnings.push(...tightenFile(join(folder, name)))
    }
    warnings.push(...first.warnings)

    const expireMs = Math.max(SECOND, Math.round(options.jwtExpireHours * HOUR))
    const changes = createForeignChanges(db)
    const revocations = createRevocations(db, onProblem)
    const sessions = createSessions({ db, clock, changes, revocations })
    changes.onChange(revocations.tellForeign)
    const config = createConfigStore({ db, changes, onProblem })
    const sessionIds = createSessionIds({ sessions, clock, expireMs })
    const gate = createGate(HASHES)
    const onPasswordReplaced = (userId: number): void => {
      try {
        forgetInitialPassword(db, folder, userId)
      } catch (cause) {
        // The change is made; only the file is left, and it opens nothing any more.
        onProblem(`${INITIAL_PASSWORD_FILE} in DATA_DIR could not be deleted; delete it.`, cause)
      }
    }
    const credentials = createCredentials({
      db,
      passwords,
      gate,
      throttle: createThrottle(clock),
      verified: createVerifiedSecrets(clock, random),
    })
    const newHashes = createNewHashes(passwords, gate)
    const bearersOf = (surface: Surface) =>
      createBearers({
        jwt: createJwt({ secret, audience: surface, clock, random }),
        surface,
        sessions,
        expireMs,
      })
    const bearers = bearersOf('perfwatch')

    let housekeepingAt = clock.monotonic()
    const poll = (): void => {
      try {
        changes.check()
        if (clock.monotonic() < housekeepingAt) return
        housekeepingAt = clock.monotonic() + HOUSEKEEPING_MS
        sessions.deleteExpired()
        endIdleDoorSessions(db, clock)
        revocations.forgetOld()
      } catch (cause) {
        onProblem(
          'Changes by other processes could not be read; the next try is in a second.',
          cause,
        )
      }
    }
    const stop = (options.every ?? everyUnref)(POLL_MS, poll)

    const users = createUsers({
      db,
      clock,
      newHashes,
      sessions,
      signUps: createSignUps(clock),
      onPasswordReplaced,
    })

    const accounts: Accounts = {
      users,
      sessions: createSessionVerbs({
        db,
        credentials,
        newHashes,
        sessions,
        sessionIds,
        bearers,
        tickets: createTickets(clock, random),
        revocations,
        onPasswordReplaced,
      }),
      doorSessions: createDoorSessions({
        db,
        clock,
        random,
        credentials,
        signUp: users.signUp,
        sessions,
        onProblem,
      }),
      speedlog: createSpeedlog({
        clock,
        random,
        credentials,
        sessions,
        own: bearersOf('speedlog'),
        perfwatch: bearers,
        expireMs,
      }),
      logger: createLogger({ credentials, create: users.create }),
      tokens: createTokens({ db, clock, random, onProblem }),
      projects: createProjects(db, clock),
      config,
      facts: createFacts(db),
      close: async () => {
        stop()
        db.close()
      },
    }
    return { accounts, firstStart: first.firstStart, warnings, poll }
  } catch (error) {
    db.close()
    throw error
  }
}

const everyUnref: Every = (ms, work) => {
  const timer = setInterval(work, ms).unref()
  return () => clearInterval(timer)
}
