import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../../app-error.ts'
import { blobAt, openSql, pragma, sqliteCode, type Sql } from './database.ts'

/** `PRAGMA application_id` of a series store: "PWTS". */
const APPLICATION_ID = 0x50575453

/*
 * tier: the number of a shelf (shelves.ts): 0 raw, 1 1m, 2 5m, 3 1h of the host metrics, 4 pushed.
 * grp: a source, that is a dataset and a host; what is written together lies together.
 * block: up to 64 series of one measurement of a source that share hot rows; named by its first series.
 * hot.v: JSON, an array per series by field.pos: raw a number or null; rollups [mean, min, max, n], a number, or null.
 * chunk: rows of one series from t0 to t1, in the coding of codec/chunk.ts; `spread`: minima and maxima.
 * A hot row is never older than a chunk's row of the same time: it wins, field by field.
 */
const FIRST = `
CREATE TABLE source(
  id INTEGER PRIMARY KEY, dataset TEXT NOT NULL, host TEXT NOT NULL,
  first_time INTEGER NOT NULL, last_time INTEGER NOT NULL, UNIQUE(dataset, host));
CREATE TABLE measurement(
  id INTEGER PRIMARY KEY, dataset TEXT NOT NULL, name TEXT NOT NULL, UNIQUE(dataset, name));
CREATE TABLE field(
  measurement INTEGER NOT NULL, pos INTEGER NOT NULL, name TEXT NOT NULL,
  PRIMARY KEY(measurement, pos), UNIQUE(measurement, name)) WITHOUT ROWID;
CREATE TABLE series(
  id INTEGER PRIMARY KEY, grp INTEGER NOT NULL, block INTEGER NOT NULL, measurement INTEGER NOT NULL,
  tags TEXT NOT NULL, UNIQUE(grp, measurement, tags));
CREATE TABLE hot(
  tier INTEGER NOT NULL, grp INTEGER NOT NULL, time INTEGER NOT NULL, block INTEGER NOT NULL,
  n INTEGER NOT NULL, v TEXT NOT NULL, PRIMARY KEY(tier, grp, time, block)) WITHOUT ROWID;
CREATE TABLE chunk(
  id INTEGER PRIMARY KEY, tier INTEGER NOT NULL, grp INTEGER NOT NULL, series INTEGER NOT NULL,
  t0 INTEGER NOT NULL, t1 INTEGER NOT NULL, n INTEGER NOT NULL, main BLOB NOT NULL, spread BLOB,
  UNIQUE(tier, series, t0));
CREATE INDEX chunk_time ON chunk(tier, grp, t0, t1);
CREATE TABLE progress(
  tier INTEGER NOT NULL, grp INTEGER NOT NULL, rolled_to INTEGER, cut INTEGER,
  points INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(tier, grp)) WITHOUT ROWID;
CREATE TABLE dirty(
  tier INTEGER NOT NULL, grp INTEGER NOT NULL, time INTEGER NOT NULL,
  PRIMARY KEY(tier, grp, time)) WITHOUT ROWID;
CREATE TABLE setting(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE VIEW hot_value AS
  SELECT hot.tier, hot.time, datetime(hot.time / 1000, 'unixepoch') AS utc, measurement.name AS measurement,
    series.tags, field.name AS field, one.value
  FROM hot, json_each(hot.v) AS row, json_each(row.value) AS one
  JOIN series ON series.id = CAST(row.key AS INTEGER)
  JOIN measurement ON measurement.id = series.measurement
  JOIN field ON field.measurement = series.measurement AND field.pos = one.key;
`

/*
 * Records. record_series: how many there are of a series, from first to last; `field`: what a bare number in event.v
 * or journal.v stands for; else v is a JSON object of the fields. bytes: what its rows take, estimated.
 * log: `folded` is msg as searches compare it, where it is not just lower(msg); v: the other fields as JSON.
 * log_text: the trigrams of the folded lines, of those up to an id that `setting` has; see records/text-index.ts.
 */
const RECORDS = `
CREATE TABLE record_series(
  id INTEGER PRIMARY KEY, dataset TEXT NOT NULL, measurement TEXT NOT NULL, tags TEXT NOT NULL, field TEXT,
  first_time INTEGER NOT NULL, last_time INTEGER NOT NULL, count INTEGER NOT NULL, bytes INTEGER NOT NULL,
  UNIQUE(dataset, measurement, tags));
CREATE TABLE event(
  series INTEGER NOT NULL, time INTEGER NOT NULL, seq INTEGER NOT NULL, v NOT NULL,
  PRIMARY KEY(series, time, seq)) WITHOUT ROWID;
CREATE TABLE journal(
  series INTEGER NOT NULL, time INTEGER NOT NULL, seq INTEGER NOT NULL, v NOT NULL,
  PRIMARY KEY(series, time, seq)) WITHOUT ROWID;
CREATE TABLE log(
  id INTEGER PRIMARY KEY, series INTEGER NOT NULL, time INTEGER NOT NULL, seq INTEGER NOT NULL,
  msg TEXT, folded TEXT, v TEXT NOT NULL, UNIQUE(series, time, seq));
CREATE VIRTUAL TABLE log_text USING fts5(
  msg, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram case_sensitive 1');
INSERT INTO log_text(log_text, rank) VALUES('automerge', 0);
CREATE VIEW record AS
  SELECT measurement, tags, datetime(time / 1000, 'unixepoch') AS utc, time, seq,
    CASE typeof(v) WHEN 'text' THEN v ELSE json_object(field, v) END AS fields
  FROM (SELECT * FROM event UNION ALL SELECT * FROM journal) JOIN record_series ON record_series.id = series
  UNION ALL
  SELECT measurement, tags, datetime(time / 1000, 'unixepoch'), time, seq, json_insert(v, '$.msg', msg)
  FROM log JOIN record_series ON record_series.id = series;
`

/** One script per version of the schema, oldest first; `PRAGMA user_version` counts those that have run. */
const MIGRATIONS: readonly string[] = [FIRST, RECORDS]

/** A file that is only read may be older than this: it has no records then. */
export const RECORDS_SCHEMA = MIGRATIONS.indexOf(RECORDS) + 1

export const SERIES_FILE = 'series.db'

/**
 * The store's file in `folder`, made or brought up to date. Throws an AppError `setup`, with nothing changed, for
 * a file that is damaged, is none of ours, or comes from a newer PerfWatch.
 */
export const openSeriesFile = (folder: string, readOnly: boolean): Sql => {
  const file = join(folder, SERIES_FILE)
  prepareFile(folder, file, readOnly)
  const sql = attempt(folder, () => openSql(file))
  try {
    attempt(folder, () => {
      identify(sql, file)
      if (readOnly) sql.exec('PRAGMA query_only = ON')
      else setUp(sql)
    })
    return sql
  } catch (error) {
    sql.close()
    throw error
  }
}

const prepareFile = (folder: string, file: string, readOnly: boolean) => {
  if (readOnly) {
    if (!existsSync(file))
      throw setupFailure(
        `DATA_DIR: there is no ${SERIES_FILE} in ${folder}; name the folder of a server that has run.`,
      )
    return
  }
  attempt(folder, () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    // SQLite gives its journal the mode of the file.
    if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600))
  })
}

const identify = (sql: Sql, file: string) => {
  const application = pragma(sql, 'application_id')
  const version = pragma(sql, 'user_version')
  const empty = statSync(file).size === 0 && pragma(sql, 'page_count') === 0
  if (!empty && application !== APPLICATION_ID)
    throw setupFailure(
      `DATA_DIR: ${file} belongs to another program; move it away or choose another folder.`,
    )
  if (version > MIGRATIONS.length)
    throw setupFailure(
      `DATA_DIR: ${file} was written by a newer PerfWatch (schema ${version}, this one knows ${MIGRATIONS.length}); run that version.`,
    )
  if (isCutShort(sql, file)) throw damagedFailure(file)
}

/**
 * SQLite itself would find out only where it reads beyond the end. The header is read through SQLite, never through
 * a handle of our own: closing one gives up the locks that SQLite holds on the file, for the whole process.
 */
const isCutShort = (sql: Sql, file: string): boolean => {
  const { size } = statSync(file)
  const journal = statSync(`${file}-wal`, { throwIfNoEntry: false })
  // A crash in the middle of a checkpoint leaves a short file; the journal has the rest.
  if (size === 0 || (journal !== undefined && journal.size > 0)) return false
  const row = sql.first('SELECT substr(data, 29, 4) FROM sqlite_dbpage WHERE pgno = 1')
  if (row === undefined) return true
  const header = blobAt(row, 0)
  const pages = new DataView(header.buffer, header.byteOffset, header.byteLength).getUint32(0)
  return pages * pragma(sql, 'page_size') > size
}

const setUp = (sql: Sql) => {
  if (pragma(sql, 'user_version') === 0)
    // Both hold only when they are set before the first table.
    sql.exec('PRAGMA page_size = 4096; PRAGMA auto_vacuum = INCREMENTAL')
  sql.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA cache_size = -16000;
    PRAGMA wal_autocheckpoint = 400;
    PRAGMA journal_size_limit = 16777216;
    PRAGMA foreign_keys = ON;
  `)
  for (const [index, script] of MIGRATIONS.entries()) {
    if (index < pragma(sql, 'user_version')) continue
    sql.transaction(() => {
      sql.exec(script)
      sql.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${index + 1}`)
    })
  }
}

const setupFailure = (detail: string, cause?: unknown): AppError =>
  new AppError({ code: 'setup', detail, cause })

const damagedFailure = (file: string, cause?: unknown): AppError =>
  setupFailure(
    `DATA_DIR: ${file} is damaged; restore a backup of it or move it away (nothing was changed).`,
    cause,
  )

/** Runs a part of opening; what goes wrong is a failure of the set-up, as a sentence. */
export const attempt = <T>(folder: string, work: () => T): T => {
  try {
    return work()
  } catch (error) {
    if (error instanceof AppError && error.code === 'setup') throw error
    const code = sqliteCode(error) ?? ''
    const file = join(folder, SERIES_FILE)
    if (error instanceof AppError || code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT'))
      throw damagedFailure(file, error)
    const why = error instanceof Error ? error.message : String(error)
    throw setupFailure(
      `DATA_DIR: ${folder} cannot be used (${why}); name a folder that can be written to.`,
      error,
    )
  }
}
