import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BUILDS, BUILT } from './product.ts'

const folders: string[] = []
const makeIn = (parent: string): string => {
  const folder = mkdtempSync(join(parent, 'perfwatch-tests-'))
  folders.push(folder)
  return folder
}

/** Around all tests: what they leave in temporary folders, gigabytes, goes with them; the product is built once for all. */
export const setup = (): void => {
  mkdirSync(BUILDS, { recursive: true })
  process.env[BUILT] = makeIn(BUILDS)
  process.env.TMPDIR = makeIn(tmpdir())
}

export const teardown = (): void => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}
