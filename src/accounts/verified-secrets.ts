import { createHmac } from 'node:crypto'
import type { Clock } from '../points/clock.ts'
import { MINUTE } from '../points/instant.ts'
import type { RandomBytes } from './random.ts'

/** A secret of an account: which of its hashes it fits, and the epoch, which moves with every change that ends it. */
export type AccountSecret = {
  readonly column: 'password_hash' | 'logger_hash'
  readonly userId: number
  readonly epoch: number
  readonly secret: string
}

/** Secrets that were right a moment ago, so that one that comes with every request is not hashed for 50 ms each time. */
export type VerifiedSecrets = {
  /** Stands for the secret; says nothing about it to who does not know it. */
  keyOf(secret: AccountSecret): string
  has(key: string): boolean
  add(key: string): void
}

const KEPT_MS = 5 * MINUTE
/** The oldest makes room. */
const MOST_KEPT = 10_000

/** In memory, and under a key of this process, so that a dump of it cannot be compared with guesses without that. */
export const createVerifiedSecrets = (clock: Clock, random: RandomBytes): VerifiedSecrets => {
  const processKey = random(32)
  const until = new Map<string, number>()
  return {
    keyOf: ({ column, userId, epoch, secret }) =>
      createHmac('sha256', processKey)
        .update(`${column} ${userId} ${epoch} `)
        // Not UTF-8, in which halves of surrogate pairs are all one.
        .update(secret, 'utf16le')
        .digest('base64url'),
    has: (key) => {
      const end = until.get(key)
      if (end === undefined) return false
      if (end > clock.monotonic()) return true
      until.delete(key)
      return false
    },
    add: (key) => {
      // Re-inserted, so that the first key of the map is the oldest.
      until.delete(key)
      until.set(key, clock.monotonic() + KEPT_MS)
      const [oldest] = until.size > MOST_KEPT ? until.keys() : []
      if (oldest !== undefined) until.delete(oldest)
    },
  }
}
