import { randomUUID } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { AppError } from '../app-error.ts'

const OTHERS = 0o077
const STICKY = 0o1000

/** A file by which a folder is known to be ours. */
export const ACCOUNTS_FILE = 'accounts.db'

/**
 * Makes the data folder (0700) when it is missing and takes it from other users of the machine; gives the warnings
 * to print. AppError `setup` when it cannot be written.
 */
export const prepareDataFolder = (folder: string): readonly string[] => {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const probe = join(folder, `.probe-${randomUUID()}`)
    closeSync(openSync(probe, 'wx', 0o600))
    rmSync(probe)
  } catch (cause) {
    throw notWritable(folder, cause)
  }
  return [...tightenFolder(folder), ...tightenFile(join(folder, ACCOUNTS_FILE))]
}

const tightenFolder = (folder: string): readonly string[] => {
  const { mode } = statSync(folder)
  if ((mode & OTHERS) === 0) return []
  // A shared folder named by mistake (/tmp, a home) must not be locked for everybody else.
  const ours = existsSync(join(folder, ACCOUNTS_FILE)) || readdirSync(folder).length === 0
  if (!ours || (mode & STICKY) !== 0) {
    return [`DATA_DIR: ${folder} is open to other users of this machine; give a folder of its own.`]
  }
  return tighten(folder, 0o700)
}

/** Takes a file from other users of the machine (0600) when it is there; gives the warnings to print. */
export const tightenFile = (file: string): readonly string[] => {
  if (!existsSync(file) || (statSync(file).mode & OTHERS) === 0) return []
  return tighten(file, 0o600)
}

const tighten = (path: string, mode: number): readonly string[] => {
  try {
    chmodSync(path, mode)
    return [`${path} was open to other users of this machine; it is closed to them now.`]
  } catch {
    return [`${path} is open to other users of this machine; run chmod ${mode.toString(8)} on it.`]
  }
}

/**
 * Makes a file (0600) whole or not at all: `fill` writes it under another name, then it gets its own, durably. False
 * when it is there already. AppError `setup` when it cannot be written.
 */
export const createWhole = (path: string, fill: (temporary: string) => void): boolean => {
  const temporary = `${path}.${randomUUID()}.new`
  try {
    closeSync(openSync(temporary, 'wx', 0o600))
    fill(temporary)
    sync(temporary)
    const made = giveName(temporary, path)
    sync(dirname(path))
    return made
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw notWritable(dirname(path), cause)
  } finally {
    rmSync(temporary, { force: true })
  }
}

/** `createWhole` of a short text. */
export const createTextFile = (path: string, text: string): boolean =>
  createWhole(path, (temporary) => {
    const file = openSync(temporary, 'w', 0o600)
    try {
      writeSync(file, text)
    } finally {
      closeSync(file)
    }
  })

/** By a hard link, which never replaces a file; by renaming where a file system has no links. */
const giveName = (temporary: string, path: string): boolean => {
  try {
    linkSync(temporary, path)
    return true
  } catch (error) {
    if (existsSync(path)) return false
    if (!LINKS_UNKNOWN.has(errorCode(error))) throw error
    renameSync(temporary, path)
    return true
  }
}

const LINKS_UNKNOWN = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

const sync = (path: string): void => {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

const errorCode = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown'

const notWritable = (folder: string, cause: unknown) =>
  new AppError({
    code: 'setup',
    detail: `DATA_DIR: ${folder} cannot be written (${errorCode(cause)}); give a folder that this user may write.`,
    cause,
  })
