import { closeSync, existsSync, openSync, readSync } from 'node:fs'
import { AppError } from '../app-error.ts'
import { createWhole } from './data-folder.ts'
import { connect, type Database } from './database.ts'
import { APPLICATION_ID, MIGRATIONS } from './schema.ts'

const MAGIC = 'SQLite format 3\0'

/**
 * Opens `accounts.db`, made (0600) when it is missing and migrated when it is older. A file that is damaged, newer, or of
 * another program is left as it is: AppError `setup`.
 */
export const openDatabase = (file: string, migrations = MIGRATIONS): Database => {
  // Made aside and then named, so that an empty or half a file is a damaged one and never a beginning.
  if (!existsSync(file)) createWhole(file, (temporary) => create(temporary, migrations))
  if (magicOf(file) !== MAGIC) throw damaged(file)
  const db = connect(file)
  try {
    refuseForeign(db, file, migrations.length)
    db.execute(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;',
    )
    // Asked again under the lock: another process may be migrating too.
    if (versionOf(db) < migrations.length) {
      db.transaction(() => migrate(db, migrations, versionOf(db)))
    }
    return db
  } catch (error) {
    db.close()
    throw reasonOf(error, file)
  }
}

const create = (file: string, migrations: readonly string[]): void => {
  const db = connect(file)
  db.execute('PRAGMA journal_mode = WAL')
  db.transaction(() => {
    db.execute(`PRAGMA application_id = ${APPLICATION_ID}`)
    migrate(db, migrations, 0)
  })
  db.close()
}

const migrate = (db: Database, migrations: readonly string[], version: number): void => {
  for (const step of migrations.slice(version)) db.execute(step)
  db.execute(`PRAGMA user_version = ${migrations.length}`)
}

/** Before anything is written, even the journal mode. */
const refuseForeign = (db: Database, file: string, known: number): void => {
  const id = db.first<{ application_id: number }>('PRAGMA application_id')?.application_id
  if (id !== APPLICATION_ID) {
    throw setup(
      `${file} is not a file of PerfWatch; move it away or set DATA_DIR to another folder.`,
    )
  }
  const version = versionOf(db)
  if (version > known) {
    throw setup(
      `${file} was written by a newer PerfWatch (accounts ${version}, this one knows ${known}); start that version.`,
    )
  }
  const check = db.first<{ quick_check: string }>('PRAGMA quick_check(1)')?.quick_check
  if (check !== 'ok') throw damaged(file)
}

const versionOf = (db: Database): number =>
  db.first<{ user_version: number }>('PRAGMA user_version')?.user_version ?? 0

const magicOf = (file: string): string => {
  try {
    const descriptor = openSync(file, 'r')
    try {
      const head = Buffer.alloc(MAGIC.length)
      readSync(descriptor, head, 0, head.length, 0)
      return head.toString('latin1')
    } finally {
      closeSync(descriptor)
    }
  } catch (cause) {
    throw setup(`${file} cannot be read; give this user the right to read and write it.`, cause)
  }
}

const reasonOf = (error: unknown, file: string): unknown => {
  if (!(error instanceof AppError) || error.code === 'setup') return error
  const code = error.cause instanceof Error && 'code' in error.cause ? String(error.cause.code) : ''
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return damaged(file, error)
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) {
    return setup(`${file} is locked by another process; end that and start again.`, error)
  }
  return setup(`${file} cannot be opened (${code}); give this user the right to write it.`, error)
}

const damaged = (file: string, cause?: unknown) =>
  setup(
    `${file} is damaged; put a backup in its place, or move it away to begin with new accounts (nothing was changed).`,
    cause,
  )

const setup = (detail: string, cause?: unknown) =>
  new AppError({ code: 'setup', detail: `DATA_DIR: ${detail}`, cause })
