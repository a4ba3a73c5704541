import Database from 'libsql'
import { AppError } from '../../app-error.ts'

export type SqlValue = number | string | Uint8Array | null
export type SqlRow = readonly SqlValue[]

/** One connection. All calls are synchronous: they block the event loop, so each has to be short. */
export type Sql = {
  run(sql: string, values?: readonly SqlValue[]): void
  all(sql: string, values?: readonly SqlValue[]): readonly SqlRow[]
  first(sql: string, values?: readonly SqlValue[]): SqlRow | undefined
  /** Several statements without parameters. */
  exec(sql: string): void
  /** All or nothing, durable when it returns; what `work` throws is thrown on after the rollback. */
  transaction<T>(work: () => T): T
  close(): void
}

type Statement = {
  run(values: readonly SqlValue[]): unknown
  all(values: readonly SqlValue[]): unknown[]
}

/** Opens a file, or makes it. Throws what the library throws; `openFailure` turns that into a sentence. */
export const openSql = (file: string, { timeoutMs = 2_000 } = {}): Sql => {
  // Without a timeout a reader of the same file in another process would fail a write at once.
  const db = new Database(file, { timeout: timeoutMs })
  // A prepared statement is freed only by the garbage collector, so each text is prepared once.
  const prepared = new Map<string, Statement>()
  const prepare = (sql: string, reads: boolean): Statement => {
    const known = prepared.get(sql)
    if (known !== undefined) return known
    const statement = db.prepare(sql)
    const ready = reads ? statement.raw() : statement
    prepared.set(sql, ready)
    return ready
  }
  const run = (sql: string, values: readonly SqlValue[] = []) => {
    prepare(sql, false).run(bind(values))
  }
  const all = (sql: string, values: readonly SqlValue[] = []): readonly SqlRow[] =>
    prepare(sql, true).all(bind(values)) as SqlRow[]
  return {
    run,
    all,
    // The library's own `get` adds a key to the row.
    first: (sql, values) => all(sql, values)[0],
    exec: (sql) => {
      db.exec(sql)
    },
    transaction: (work) => {
      run('BEGIN IMMEDIATE')
      try {
        const result = work()
        run('COMMIT')
        return result
      } catch (error) {
        if (db.inTransaction) run('ROLLBACK')
        throw error
      }
    },
    close: () => {
      prepared.clear()
      db.close()
    },
  }
}

/** A boolean would abort the whole process inside the library, and NaN would become NULL. */
const bind = (values: readonly SqlValue[]): readonly SqlValue[] => {
  for (const value of values) {
    const fine =
      typeof value === 'number'
        ? Number.isFinite(value)
        : typeof value === 'string' || value === null || value instanceof Uint8Array
    if (!fine) throw new AppError({ code: 'invalid', detail: `${typeof value} cannot be stored.` })
  }
  return values
}

/** The cell of a column that holds numbers only. */
export const numberAt = (row: SqlRow, place: number): number => {
  const value = row[place]
  if (typeof value !== 'number') throw damaged(`column ${place} holds no number`)
  return value
}

export const numberOrNullAt = (row: SqlRow, place: number): number | null =>
  row[place] === null ? null : numberAt(row, place)

export const textAt = (row: SqlRow, place: number): string => {
  const value = row[place]
  if (typeof value !== 'string') throw damaged(`column ${place} holds no text`)
  return value
}

export const blobAt = (row: SqlRow, place: number): Uint8Array => {
  const value = row[place]
  if (!(value instanceof Uint8Array)) throw damaged(`column ${place} holds no blob`)
  return value
}

export const blobOrNullAt = (row: SqlRow, place: number): Uint8Array | null =>
  row[place] === null ? null : blobAt(row, place)

/** A pragma that answers one number. */
export const pragma = (sql: Sql, name: string): number => {
  const row = sql.first(`PRAGMA ${name}`)
  return row === undefined ? 0 : numberAt(row, 0)
}

const damaged = (what: string): AppError =>
  new AppError({
    code: 'unavailable',
    detail: `The series store is damaged (${what}): restore a backup of series.db.`,
  })

/** SQLite's own name of a failure (`SQLITE_FULL`), or undefined. */
export const sqliteCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined

/** What went wrong in a running store, as a sentence that says what to do. */
export const runtimeFailure = (error: unknown): AppError => {
  if (error instanceof AppError) return error
  const code = sqliteCode(error) ?? ''
  const cause = { code: 'unavailable', cause: error } as const
  if (code.startsWith('SQLITE_FULL'))
    return new AppError({ ...cause, detail: 'The disk of DATA_DIR is full: make room on it.' })
  if (code.startsWith('SQLITE_BUSY'))
    return new AppError({
      ...cause,
      detail: 'Another program holds series.db locked for writing: end it.',
    })
  if (code.startsWith('SQLITE_IOERR') || code.startsWith('SQLITE_READONLY'))
    return new AppError({
      ...cause,
      detail: `DATA_DIR cannot be written or read (${code}): check its disk and its rights.`,
    })
  if (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_NOTADB'))
    return new AppError({
      ...cause,
      detail: 'series.db is damaged: stop the server and restore a backup of it.',
    })
  return new AppError({
    ...cause,
    detail: `The series store failed: ${error instanceof Error ? error.message : String(error)}.`,
  })
}
