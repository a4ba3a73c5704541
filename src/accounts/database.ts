import Libsql from 'libsql'
import { AppError } from '../app-error.ts'

/** What may be bound: libsql aborts the whole process on a boolean and makes NULL of undefined and NaN. */
export type Value = string | number | bigint | null

/** One connection, statements prepared once; everything is synchronous, so no transaction spans an await. */
export type Database = {
  /** All rows; also of a writing statement with RETURNING. */
  all<Row>(sql: string, values?: readonly Value[]): Row[]
  first<Row>(sql: string, values?: readonly Value[]): Row | undefined
  /** How many rows changed. */
  run(sql: string, values?: readonly Value[]): number
  /** All or nothing, with the write lock from its start, so that what it reads stays true until it ends. */
  transaction<T>(work: () => T): T
  /** Differs from the last answer when another connection has committed since. */
  dataVersion(): number
  /** Statements that are not kept: pragmas and migrations. */
  execute(sql: string): void
  close(): void
}

/** How long a write waits, with the event loop, for one of another process: those take milliseconds. */
const BUSY_MS = 2_000

/** Failures of the machine or of another process, not of the caller. */
const UNAVAILABLE = /^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|CORRUPT|NOTADB)/

/** Opens a file; AppError `unavailable` from every method when it cannot be read or written now. */
export const connect = (file: string): Database => {
  const libsql = reporting(() => new Libsql(file, { timeout: BUSY_MS }))
  const statements = new Map<string, Libsql.Statement>()
  let open = true

  const usable = (): Libsql.Database => {
    // A closed libsql database would still answer.
    if (!open) throw unavailable('The accounts are closed: the server is stopping.', undefined)
    return libsql
  }
  const prepared = (sql: string): Libsql.Statement => {
    const database = usable()
    const kept = statements.get(sql)
    if (kept !== undefined) return kept
    const statement = database.prepare(sql)
    statements.set(sql, statement)
    return statement
  }
  // The rows are of our own strict tables, so their shape is the statement's.
  const all = <Row>(sql: string, values: readonly Value[] = []): Row[] =>
    reporting(() => prepared(sql).all(bindable(values)) as Row[])
  const execute = (sql: string): void => {
    reporting(() => usable().exec(sql))
  }

  return {
    all,
    first: <Row>(sql: string, values?: readonly Value[]) => all<Row>(sql, values)[0],
    run: (sql, values = []) => reporting(() => prepared(sql).run(bindable(values)).changes),
    transaction: (work) => {
      execute('BEGIN IMMEDIATE')
      try {
        const result = work()
        execute('COMMIT')
        return result
      } catch (error) {
        // SQLite has rolled back by itself when the disk is full.
        if (libsql.inTransaction) execute('ROLLBACK')
        throw error
      }
    },
    dataVersion: () => all<{ data_version: number }>('PRAGMA data_version')[0]?.data_version ?? 0,
    execute,
    close: () => {
      if (!open) return
      open = false
      statements.clear()
      try {
        // Kept statements hold the file open a little longer; so the log is emptied here.
        libsql.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      } catch {
        // Another process is at work: what is in the log is safe there.
      }
      libsql.close()
    },
  }
}

/** True for the refusal of a row whose name is taken. */
export const isTaken = (error: unknown): boolean =>
  error instanceof Libsql.SqliteError && error.code === 'SQLITE_CONSTRAINT_UNIQUE'

const bindable = (values: readonly Value[]): Value[] =>
  values.map((value) => {
    const known =
      value === null ||
      typeof value === 'string' ||
      typeof value === 'bigint' ||
      (typeof value === 'number' && Number.isFinite(value))
    if (!known) throw new TypeError(`A value of type ${typeof value} must not reach the database.`)
    return value
  })

const reporting = <T>(work: () => T): T => {
  try {
    return work()
  } catch (error) {
    if (error instanceof Libsql.SqliteError && UNAVAILABLE.test(error.code)) {
      throw unavailable(`The accounts cannot be read or written now (${error.code}).`, error)
    }
    throw error
  }
}

const unavailable = (detail: string, cause: unknown) =>
  new AppError({ code: 'unavailable', detail, cause })
