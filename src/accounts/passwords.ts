import { hash, parseOptions, verify } from '@node-rs/argon2'
import { AppError } from '../app-error.ts'
import { isLongerThan } from './names.ts'
import type { RandomBytes } from './random.ts'

/** The cost of one hash: KiB of memory and passes over it. */
export type HashCost = { readonly memoryCost: number; readonly timeCost: number }

/** OWASP's first choice for argon2id. */
export const HASH_COST: HashCost = { memoryCost: 19_456, timeCost: 2 }

const LONGEST_PASSWORD = 1024
const SALT_BYTES = 16
const HASH_BYTES = 32

/** A password that may be set: `least`..1024 characters, kept exactly as given; else AppError `invalid`. */
export const parsePassword = (value: unknown, field: string, least: number): string => {
  if (typeof value !== 'string') throw invalid(`${field} must be a string`)
  if (isLongerThan(value, LONGEST_PASSWORD) || !isLongerThan(value, least - 1)) {
    throw invalid(`${field} must be ${least} to ${LONGEST_PASSWORD} characters long`)
  }
  if (!isText(value)) throw invalid(`${field} must be valid text`)
  return value
}

export type Passwords = {
  /** The argon2id hash, with its salt and cost. */
  hash(password: string): Promise<string>
  /** Takes as long for `null` (nobody by that name) and for what can be no password. */
  verify(hashed: string | null, password: string): Promise<boolean>
  /** True when the hash was made at another cost than today's. */
  isOutdated(hashed: string): boolean
}

/** argon2id on the thread pool, off the event loop. */
export const createPasswords = (cost: HashCost, random: RandomBytes): Passwords => {
  const options = { ...cost, parallelism: 1, outputLen: HASH_BYTES }
  const nobody = hashOfNobody(cost, random)

  return {
    hash: (password) => hash(password, options),
    verify: async (hashed, password) => {
      const possible = isText(password) && !isLongerThan(password, LONGEST_PASSWORD)
      try {
        return await verify(
          hashed === null || !possible ? nobody : hashed,
          possible ? password : '',
        )
      } catch {
        // A hash that cannot be read fits no password.
        return false
      }
    },
    isOutdated: (hashed) => {
      const made = parseOptions(hashed)
      return (
        !hashed.startsWith('$argon2id$') ||
        made.memoryCost !== options.memoryCost ||
        made.timeCost !== options.timeCost ||
        made.parallelism !== options.parallelism ||
        made.outputLen !== options.outputLen
      )
    },
  }
}

/** Made of random bytes: no password fits it, and to find that out takes as long as with a real one. */
export const hashOfNobody = (cost: HashCost, random: RandomBytes): string =>
  [
    '$argon2id$v=19',
    `m=${cost.memoryCost},t=${cost.timeCost},p=1`,
    phc(random(SALT_BYTES)),
    phc(random(HASH_BYTES)),
  ].join('$')

/** Halves of surrogate pairs would all become the same replacement character on their way into argon2. */
const isText = (password: string): boolean => !/\p{Cs}/u.test(password)
const phc = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replaceAll('=', '')
const invalid = (detail: string) => new AppError({ code: 'invalid', detail })
