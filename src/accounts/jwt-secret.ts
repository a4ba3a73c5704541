import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../app-error.ts'
import { createTextFile } from './data-folder.ts'
import type { RandomBytes } from './random.ts'

export const JWT_SECRET_FILE = 'jwt-secret'

const LEAST_BYTES = 32
const MADE_BYTES = 48

/**
 * The text that signs tokens: `JWT_SECRET`, else the one that was made at the first start and is kept in the data
 * folder. AppError `setup` when it is shorter than 32 bytes or cannot be read.
 */
export const jwtSecret = (deps: {
  folder: string
  given: string | undefined
  random: RandomBytes
}): string => {
  if (deps.given !== undefined) {
    if (Buffer.byteLength(deps.given) >= LEAST_BYTES) return deps.given
    throw setup(
      `JWT_SECRET must be at least ${LEAST_BYTES} bytes long; leave it out and one is made and kept in DATA_DIR.`,
    )
  }
  const file = join(deps.folder, JWT_SECRET_FILE)
  if (!existsSync(file)) {
    createTextFile(file, `${Buffer.from(deps.random(MADE_BYTES)).toString('base64url')}\n`)
  }
  const secret = readSecret(file)
  if (Buffer.byteLength(secret) >= LEAST_BYTES) return secret
  throw setup(
    `${file} is damaged (shorter than ${LEAST_BYTES} bytes); delete it and a new one is made (everyone logs in again).`,
  )
}

const readSecret = (file: string): string => {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (cause) {
    throw setup(`${file} cannot be read; give this user the right to read it.`, cause)
  }
}

const setup = (detail: string, cause?: unknown) => new AppError({ code: 'setup', detail, cause })
