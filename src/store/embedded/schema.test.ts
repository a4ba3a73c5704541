import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'libsql'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '../../app-error.ts'
import { systemClock } from '../../points/clock.ts'
import { HOUR } from '../../points/instant.ts'
import { load } from '../contract/load.ts'
import { HOST, plain, point, question } from '../contract/questions.ts'
import { openEmbedded } from './open-embedded.ts'
import {
  openInTemporary,
  temporaryFolder,
  type TemporaryStore,
} from './testing/open-in-temporary.ts'

const messageOf = (open: () => unknown): string => {
  try {
    open()
  } catch (error) {
    if (error instanceof AppError && error.code === 'setup') return error.message
    throw error
  }
  throw new Error('It was opened.')
}

describe('a file that is no series store', () => {
  let folder: string
  let file: string
  beforeEach(() => {
    folder = temporaryFolder()
    file = join(folder, 'series.db')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const open = () => openEmbedded({ folder, clock: systemClock })
  const make = (sql: string) => {
    const db = new Database(file)
    db.exec(sql)
    db.close()
  }
  const madeStore = async () => {
    const store = open()
    await store.write('metrics', load(systemClock.now(), 0.2))
    await store.seal()
    await store.close()
  }

  it.each([
    ['a text', async () => writeFileSync(file, 'not a database. '.repeat(500)), 'is damaged'],
    ['a few bytes', async () => writeFileSync(file, 'abc'), 'is damaged'],
    [
      'another program’s database',
      async () => make('CREATE TABLE a(b)'),
      'belongs to another program',
    ],
    [
      'a store cut short',
      async () => {
        await madeStore()
        truncateSync(file, 9_000)
      },
      'is damaged',
    ],
    [
      'a store with a page of garbage',
      async () => {
        await madeStore()
        const bytes = readFileSync(file)
        bytes.fill(0xa5, 4_096)
        writeFileSync(file, bytes)
      },
      'is damaged',
    ],
    [
      'a store of a later version',
      async () => {
        await madeStore()
        make('PRAGMA user_version = 99')
      },
      'was written by a newer PerfWatch (schema 99, this one knows 2); run that version',
    ],
  ])('is refused in a sentence and left as it is: %s', async (_, put, why) => {
    await put()
    const before = readFileSync(file)
    const message = messageOf(open)
    expect(message).toContain(`DATA_DIR: ${file} ${why}`)
    expect(message).toMatch(/\.$/)
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  it('nor is a folder where the file should be', () => {
    mkdirSync(file)
    expect(messageOf(open)).toMatch(
      /^DATA_DIR: .* cannot be used \(.*\); name a folder that can be written to\.$/,
    )
  })

  it('nor is a folder that cannot be made', () => {
    writeFileSync(file, '')
    expect(
      messageOf(() => openEmbedded({ folder: join(file, 'x'), clock: systemClock })),
    ).toContain('cannot be used')
  })

  it('an empty file is a new store, and only its owner may read it', async () => {
    writeFileSync(file, '', { mode: 0o600 })
    const store = open()
    await store.write('metrics', [point(0, { user: 1 })])
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(`${file}-wal`).mode & 0o777).toBe(0o600)
    await store.close()
  })
})

describe('a store that runs', () => {
  let h: TemporaryStore
  beforeEach(() => {
    h = openInTemporary()
  })
  afterEach(() => h.close())

  it('is read by another process through the same code, which can change nothing', async () => {
    await h.store.write('metrics', [point(h.start, { user: 1 })])
    const reader = openEmbedded({ folder: h.folder, clock: systemClock, readOnly: true })
    try {
      expect(plain(await reader.read(question()))[0]?.fields).toEqual({ user: { value: [1] } })
      await reader.maintain()
      for (const change of [
        () => reader.write('metrics', [point(h.start, { user: 2 })]),
        () => reader.rollUp(),
        () => reader.removeHost(HOST),
        () => reader.applyRetention([]),
      ])
        await expect(change()).rejects.toMatchObject({
          code: 'unavailable',
          message: 'The series store is open for reading only.',
        })
      await h.store.write('metrics', [point(h.start + 1, { user: 2 })])
      expect(plain(await reader.read(question()))[0]?.fields).toEqual({ user: { value: [1, 2] } })
    } finally {
      await reader.close()
    }
  })

  it('cannot be opened for reading where there is none', () => {
    const folder = join(h.folder, 'nothing')
    expect(messageOf(() => openEmbedded({ folder, clock: systemClock, readOnly: true }))).toBe(
      `DATA_DIR: there is no series.db in ${folder}; name the folder of a server that has run.`,
    )
  })

  const hasCli = spawnSync('sqlite3', ['--version']).status === 0
  it.skipIf(!hasCli)(
    `can be inspected with the sqlite3 program${hasCli ? '' : ' (not run: it is not installed)'}`,
    async () => {
      await h.store.write('metrics', load(h.start, 1))
      h.pass(2 * HOUR)
      await h.store.rollUp()
      await h.store.write('metrics', [point(h.start + HOUR, { user: 7, idle: 2 })])
      const sql = `
        SELECT utc, field, value FROM hot_value
          WHERE tier = 0 AND measurement = 'cpu' AND time = ${h.start + HOUR} AND value IS NOT NULL;
        PRAGMA integrity_check;`
      const told = spawnSync('sqlite3', ['-readonly', join(h.folder, 'series.db'), sql])
      expect(told.stdout.toString().trim().split('\n').toSorted()).toEqual([
        '2025-01-18 01:00:00|idle|2',
        '2025-01-18 01:00:00|user|7',
        'ok',
      ])
    },
  )

  it('says in a sentence which chunk is damaged, and goes on with the others', async () => {
    await h.store.write('metrics', load(h.start, 1))
    await h.store.seal()
    const other = new Database(join(h.folder, 'series.db'), { timeout: 2_000 })
    other.exec(`UPDATE chunk SET main = x'0102' WHERE id = 1`)
    other.close()
    await expect(h.store.read(question())).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('Chunk 1 of series.db is damaged'),
    })
    expect(await h.store.read(question({ measurements: ['network'] }))).toHaveLength(1)
    h.pass(2 * HOUR)
    await h.store.maintain()
    expect(h.store.health().problems).toEqual([
      expect.stringContaining('Chunk 1 of series.db is damaged'),
    ])
  })
})
