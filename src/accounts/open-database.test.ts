import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import Libsql from 'libsql'
import { describe, expect, it } from 'vitest'
import type { Value } from './database.ts'
import { isTaken } from './database.ts'
import { openDatabase } from './open-database.ts'
import { MIGRATIONS } from './schema.ts'
import { refusalOf, temporaryFolder } from './testing.ts'
import { TOKEN_QUOTA } from './token-scope.ts'

const madeFile = () => {
  const file = join(temporaryFolder(), 'accounts.db')
  openDatabase(file).close()
  return file
}

describe('accounts.db', () => {
  it('is made for this user only, with its log, and nothing beside it', () => {
    const file = join(temporaryFolder(), 'accounts.db')
    const db = openDatabase(file)
    db.run('INSERT INTO fact(key, value) VALUES (?, ?)', ['a', 'b'])
    const modes = readdirSync(join(file, '..'))
      .toSorted()
      .map((name) => [name, statSync(join(file, '..', name)).mode & 0o777])
    expect(modes).toEqual([
      ['accounts.db', 0o600],
      ['accounts.db-shm', 0o600],
      ['accounts.db-wal', 0o600],
    ])
    db.close()
  })

  it('is durable after each commit and closed to dangling references', () => {
    const db = openDatabase(madeFile())
    const pragma = (name: string) => Object.values(db.first<object>(`PRAGMA ${name}`) ?? {})[0]
    expect(['journal_mode', 'synchronous', 'foreign_keys', 'secure_delete'].map(pragma)).toEqual([
      'wal',
      2,
      1,
      1,
    ])
    db.close()
  })

  const damage: readonly [string, (file: string) => void][] = [
    ['is empty', (file) => truncateSync(file, 0)],
    ['is cut', (file) => truncateSync(file, 5_000)],
    ['is text', (file) => writeFileSync(file, 'not a database '.repeat(1_000))],
    ['is a byte', (file) => writeFileSync(file, 'S')],
    [
      'has a page of rubbish',
      (file) => {
        const bytes = readFileSync(file)
        writeFileSync(file, bytes.fill(0xff, 4_096, 8_192))
      },
    ],
    [
      'has a first page of rubbish',
      (file) => {
        const bytes = readFileSync(file)
        writeFileSync(file, bytes.fill(0xff, 100, 4_096))
      },
    ],
  ]
  it.each(damage)('that %s is refused and left as it is', async (_what, spoil) => {
    const file = madeFile()
    spoil(file)
    const before = readFileSync(file)
    expect(await refusalOf(() => openDatabase(file))).toEqual({
      code: 'setup',
      detail: `DATA_DIR: ${file} is damaged; put a backup in its place, or move it away to begin with new accounts (nothing was changed).`,
    })
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  it('of another program is refused and left as it is', async () => {
    const file = join(temporaryFolder(), 'accounts.db')
    const other = new Libsql(file)
    other.exec('CREATE TABLE photo(id INTEGER)')
    other.close()
    const before = readFileSync(file)
    expect(await refusalOf(() => openDatabase(file))).toEqual({
      code: 'setup',
      detail: `DATA_DIR: ${file} is not a file of PerfWatch; move it away or set DATA_DIR to another folder.`,
    })
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  it('of a newer version is refused and left as it is', async () => {
    const file = join(temporaryFolder(), 'accounts.db')
    const newer = [...MIGRATIONS, 'CREATE TABLE invention(id INTEGER)']
    openDatabase(file, newer).close()
    const before = readFileSync(file)
    expect(await refusalOf(() => openDatabase(file))).toEqual({
      code: 'setup',
      detail: `DATA_DIR: ${file} was written by a newer PerfWatch (accounts ${newer.length}, this one knows ${MIGRATIONS.length}); start that version.`,
    })
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  it('that is a folder is refused', async () => {
    const folder = temporaryFolder()
    expect((await refusalOf(() => openDatabase(folder))).detail).toBe(
      `DATA_DIR: ${folder} cannot be read; give this user the right to read and write it.`,
    )
  })

  it('of an older version gets the steps it lacks, all or none, and keeps its rows', () => {
    const file = join(temporaryFolder(), 'accounts.db')
    const first = openDatabase(file, ['CREATE TABLE a(x TEXT)'])
    first.run('INSERT INTO a VALUES (?)', ['kept'])
    first.close()
    const steps = ['CREATE TABLE a(x TEXT)', `ALTER TABLE a ADD COLUMN y TEXT DEFAULT 'new'`]
    expect(() => openDatabase(file, [...steps, 'CREATE TABLE a(x TEXT)'])).toThrow(/already exists/)
    const still = openDatabase(file, steps.slice(0, 1))
    expect(still.all('SELECT * FROM a')).toEqual([{ x: 'kept' }])
    still.close()
    const migrated = openDatabase(file, steps)
    expect(migrated.all('SELECT * FROM a')).toEqual([{ x: 'kept', y: 'new' }])
    migrated.close()
  })

  it('of the first version keeps its people, sessions, tokens and projects', () => {
    const file = join(temporaryFolder(), 'accounts.db')
    const first = openDatabase(file, MIGRATIONS.slice(0, 1))
    for (const row of [
      `user(username, name_key, password_hash, role, created_at) VALUES ('Ann', 'ann', 'hash', 'client', 1)`,
      `session(key, user_id, created_at, expires_at) VALUES ('key', 1, 2, 3)`,
      `ingest_token(name, name_key, hash, host, created_at) VALUES ('T', 't', 'hash', 'web-1', 4)`,
      `project(title, title_key, owner_id, created_at) VALUES ('Shop', 'shop', 1, 5)`,
    ]) {
      first.run(`INSERT INTO ${row}`)
    }
    first.close()
    const db = openDatabase(file)
    expect(db.first('PRAGMA user_version')).toEqual({ user_version: MIGRATIONS.length })
    expect(
      ['user', 'session', 'ingest_token', 'project', 'door_session'].map((table) =>
        db.all(`SELECT * FROM ${table}`),
      ),
    ).toMatchObject([
      [{ username: 'Ann', password_hash: 'hash', logger_name: null, logger_hash: null }],
      [{ key: 'key', user_id: 1, surface: 'perfwatch' }],
      [
        {
          name: 'T',
          host: 'web-1',
          project_id: null,
          agent: 0,
          points_per_second: TOKEN_QUOTA.pointsPerSecond,
          max_series: TOKEN_QUOTA.maxSeries,
        },
      ],
      [{ title: 'Shop', owner_id: 1, token_required: 0 }],
      [],
    ])
    db.run('DELETE FROM user')
    expect(db.all('SELECT key FROM ended_session')).toEqual([{ key: 'key' }])
    db.close()
  })

  it('can be copied with its log and opened elsewhere', () => {
    const file = madeFile()
    const db = openDatabase(file)
    db.run('INSERT INTO fact(key, value) VALUES (?, ?)', ['a', 'b'])
    const copy = join(temporaryFolder(), 'accounts.db')
    for (const end of ['', '-wal']) {
      if (existsSync(file + end)) copyFileSync(file + end, copy + end)
    }
    db.close()
    const opened = openDatabase(copy)
    expect(opened.all('SELECT * FROM fact')).toEqual([{ key: 'a', value: 'b' }])
    opened.close()
  })
})

describe('a connection', () => {
  const opened = () => openDatabase(madeFile())

  it.each([true, undefined, Number.NaN, Infinity, {}, ['x'], new Date(0), Symbol('x')])(
    'refuses to bind %s, on which libsql would abort or write NULL',
    (value) => {
      const db = opened()
      const bind = () => db.run('INSERT INTO fact(key, value) VALUES (?, ?)', ['a', value as Value])
      expect(bind).toThrow(/must not reach the database/)
      expect(db.all('SELECT * FROM fact')).toEqual([])
      db.close()
    },
  )

  it('rolls a failed transaction back and can begin another', () => {
    const db = opened()
    const insert = (key: string) =>
      db.run('INSERT INTO fact(key, value) VALUES (?, ?)', [key, 'value'])
    expect(() =>
      db.transaction(() => {
        insert('lost')
        throw new Error('changed my mind')
      }),
    ).toThrow('changed my mind')
    expect(db.transaction(() => insert('kept'))).toBe(1)
    expect(db.all('SELECT key FROM fact')).toEqual([{ key: 'kept' }])
    db.close()
  })

  it('tells a taken name from other failures', () => {
    const db = opened()
    const failureOf = (sql: string): unknown => {
      try {
        db.run(sql)
      } catch (error) {
        return error
      }
      return null
    }
    const insert = `INSERT INTO project(title, title_key, created_at) VALUES ('a', 'a', 1)`
    expect([insert, insert, 'nonsense'].map((sql) => isTaken(failureOf(sql)))).toEqual([
      false,
      true,
      false,
    ])
    db.close()
  })

  it('says that it is closed rather than answer', async () => {
    const db = opened()
    db.first('SELECT 1')
    db.close()
    db.close()
    const closed = {
      code: 'unavailable',
      detail: 'The accounts are closed: the server is stopping.',
    }
    expect(await refusalOf(() => db.first('SELECT 1'))).toEqual(closed)
    expect(await refusalOf(() => db.run('DELETE FROM fact'))).toEqual(closed)
    expect(await refusalOf(() => db.transaction(() => 1))).toEqual(closed)
  })

  it('notices what another connection commits, and only that', () => {
    const file = madeFile()
    const [one, other] = [openDatabase(file), openDatabase(file)]
    const version = one.dataVersion()
    one.run(`INSERT INTO fact VALUES ('own', 'x')`)
    expect(one.dataVersion()).toBe(version)
    other.run(`INSERT INTO fact VALUES ('foreign', 'x')`)
    expect(one.dataVersion()).not.toBe(version)
    one.close()
    other.close()
  })
})
