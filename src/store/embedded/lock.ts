import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../../app-error.ts'
import { openSql, sqliteCode, type Sql } from './database.ts'

/** Apart from the locked file: closing any handle of that one would give the lock up. */
const PID_FILE = 'server.pid'
const LOCK_FILE = 'server.lock'

export type FolderLock = { release(): void }

/**
 * Takes a data folder for this process; the system frees it when the process ends, however it ends. Throws an
 * AppError `setup` where another process has it or the folder cannot be written to.
 */
export const lockFolder = (folder: string): FolderLock => {
  let sql: Sql | undefined
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    sql = openSql(join(folder, LOCK_FILE), { timeoutMs: 0 })
    sql.exec('BEGIN EXCLUSIVE')
    writeFileSync(join(folder, PID_FILE), `${process.pid}\n`, { mode: 0o600 })
  } catch (error) {
    sql?.close()
    throw lockFailure(folder, error)
  }
  const held = sql
  let released = false
  return {
    release: () => {
      if (released) return
      released = true
      rmSync(join(folder, PID_FILE), { force: true })
      held.exec('ROLLBACK')
      held.close()
    },
  }
}

/** Whether a process holds the folder. Only looks: takes and makes nothing. */
export const isFolderLocked = (folder: string): boolean => {
  const file = join(folder, LOCK_FILE)
  if (!existsSync(file)) return false
  const sql = openSql(file, { timeoutMs: 0 })
  try {
    sql.all('SELECT count(*) FROM sqlite_schema')
    return false
  } catch (error) {
    if (sqliteCode(error)?.startsWith('SQLITE_BUSY') === true) return true
    throw error
  } finally {
    sql.close()
  }
}

const lockFailure = (folder: string, error: unknown): AppError => {
  if (sqliteCode(error)?.startsWith('SQLITE_BUSY') === true) {
    const pid = pidIn(folder)
    return new AppError({
      code: 'setup',
      detail: `DATA_DIR: ${folder} is in use by another PerfWatch server${pid}; stop it or choose another folder.`,
    })
  }
  const why = error instanceof Error ? error.message : String(error)
  return new AppError({
    code: 'setup',
    detail: `DATA_DIR: ${folder} cannot be used (${why}); name a folder that can be written to.`,
    cause: error,
  })
}

const pidIn = (folder: string): string => {
  try {
    const pid = Number(readFileSync(join(folder, PID_FILE), 'utf8'))
    return Number.isInteger(pid) && pid > 0 ? ` (pid ${pid})` : ''
  } catch {
    return ''
  }
}
