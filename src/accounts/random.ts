import { createHash, randomBytes } from 'node:crypto'

/** So many bytes that nobody can guess. */
export type RandomBytes = (count: number) => Uint8Array

export const systemRandom: RandomBytes = (count) => randomBytes(count)

/** A secret for a URL or header: 192 random bits as base64url. */
export const randomSecret = (random: RandomBytes): string =>
  Buffer.from(random(24)).toString('base64url')

/** What is stored of a secret: SHA-256 as base64url. Enough for random secrets, never for passwords. */
export const hashOfSecret = (secret: string): string =>
  createHash('sha256').update(secret).digest('base64url')
