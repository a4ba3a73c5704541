import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'libsql'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../points/clock.ts'
import { containsFolded, foldText } from '../../../points/fold-text.ts'
import { HOUR, instant } from '../../../points/instant.ts'
import { SEQ_LIMIT } from '../../../points/record.ts'
import {
  allValues,
  event,
  EVENTS,
  line,
  logs,
  messages,
  mood,
} from '../../contract/records/harness.ts'
import { openEmbedded } from '../open-embedded.ts'
import { openInTemporary, type TemporaryStore } from '../testing/open-in-temporary.ts'

let h: TemporaryStore
beforeEach(() => {
  h = openInTemporary()
})
afterEach(() => h.close())

const inFile = (folder: string, sql: string) => {
  const db = new Database(join(folder, 'series.db'), { timeout: 2_000 })
  try {
    return db.prepare(sql).raw().all([]) as unknown[][]
  } finally {
    db.close()
  }
}
const change = (folder: string, sql: string) => {
  const db = new Database(join(folder, 'series.db'), { timeout: 2_000 })
  db.exec(sql)
  db.close()
}
/** The last line whose text is in the index. */
const indexedTo = () =>
  Number(inFile(h.folder, `SELECT value FROM setting WHERE name = 'log-text'`)[0]?.[0] ?? 0)

const reading = (folder: string) => openEmbedded({ folder, clock: systemClock, readOnly: true })

describe('another process', () => {
  it('reads records while they come, and can change none', async () => {
    await h.store.records.append('logs', [line(h.start, 'first')])
    const reader = reading(h.folder)
    try {
      expect(messages(await reader.records.find(logs()))).toEqual(['first'])
      await h.store.records.append('logs', [line(h.start + 1, 'second')])
      await h.store.records.append('events', [event(h.start, 5)])
      const selection = { ...EVENTS, tags: {} }
      expect(await allValues(reader.records, selection, 'duration_ms')).toEqual([[h.start, 5]])
      expect(messages(await reader.records.find(logs()))).toEqual(['first', 'second'])
      expect((await reader.extent('events', 'raw')).points).toBe(1)
      for (const attempt of [
        () => reader.records.append('logs', [line(h.start, 'x')]),
        () => reader.records.remove('logs', 'log', { user: 'ann' }),
      ])
        await expect(attempt()).rejects.toMatchObject({
          code: 'unavailable',
          message: 'The series store is open for reading only.',
        })
    } finally {
      await reader.close()
    }
  })

  const hasCli = spawnSync('sqlite3', ['--version']).status === 0
  it.skipIf(!hasCli)(
    `sees them as one view with the sqlite3 program${hasCli ? '' : ' (not run: it is not installed)'}`,
    async () => {
      await h.store.records.append('events', [event(h.start, 12.5)])
      await h.store.records.append('journal', [mood(h.start + 1_000, 'fine')])
      await h.store.records.append('logs', [line(h.start + 2_000, 'broken')])
      await h.store.seal()
      const sql = `SELECT utc, measurement, fields FROM record ORDER BY time; PRAGMA integrity_check;`
      const told = spawnSync('sqlite3', ['-readonly', join(h.folder, 'series.db'), sql])
      expect(told.stdout.toString().trim().split('\n')).toEqual([
        '2025-01-18 00:00:00|event_duration|{"duration_ms":12.5}',
        '2025-01-18 00:00:01|mood|{"mood":"fine"}',
        '2025-01-18 00:00:02|log|{"msg":"broken"}',
        'ok',
      ])
    },
  )
})

describe('a file from before there were records', () => {
  /** As version 1 of the schema left it. */
  const older = async (folder: string) => {
    const store = openEmbedded({ folder, clock: systemClock })
    await store.write('pushed', [
      { measurement: 'sensor', tags: {}, fields: { celsius: 21 }, at: h.start },
    ])
    await store.close()
    change(
      folder,
      `DROP VIEW record; DROP TABLE log_text; DROP TABLE log; DROP TABLE journal; DROP TABLE event;
       DROP TABLE record_series; PRAGMA user_version = 1`,
    )
  }

  it('is read as one without any, and has them once a server has opened it', async () => {
    const folder = join(h.folder, 'older')
    await older(folder)
    const reader = reading(folder)
    try {
      expect(await reader.records.find(logs())).toEqual([])
      expect(await reader.records.series('logs', 'log', {})).toEqual([])
      expect(await allValues(reader.records, { ...EVENTS, tags: {} }, 'duration_ms')).toEqual([])
      expect((await reader.extent('logs', 'raw')).points).toBe(0)
      const store = openEmbedded({ folder, clock: systemClock })
      await store.records.append('logs', [line(h.start, 'kept')])
      await store.seal()
      expect(messages(await reader.records.find(logs()))).toEqual(['kept'])
      expect(await store.measurements('pushed')).toEqual(['sensor'])
      await store.close()
    } finally {
      await reader.close()
    }
  })
})

describe('the number of a record', () => {
  const numbersOf = async (store = h.store) =>
    (
      await store.records.find({
        ...EVENTS,
        tags: {},
        order: 'oldest first',
        limit: 1_000,
      })
    ).map(({ seq }) => seq)
  const append = (count: number, store = h.store) =>
    Promise.all(
      Array.from({ length: count }, (_, i) => store.records.append('events', [event(h.start, i)])),
    )

  it('is never given again after a crash', async () => {
    await append(20)
    // What a crash would leave: the journal was not emptied.
    const folder = join(h.folder, 'crashed')
    mkdirSync(folder)
    for (const file of ['series.db', 'series.db-wal'])
      expect(spawnSync('cp', [join(h.folder, file), folder]).status).toBe(0)
    const store = openEmbedded({ folder, clock: systemClock })
    try {
      const before = await numbersOf(store)
      await append(20, store)
      const all = await numbersOf(store)
      expect(before).toHaveLength(20)
      expect(new Set(all).size).toBe(40)
      expect(Math.min(...all.filter((seq) => !before.includes(seq)))).toBeGreaterThan(
        Math.max(...before),
      )
    } finally {
      await store.close()
    }
  })

  it('begins anew below its limit, and passes those that are taken', async () => {
    await h.store.records.append('events', [{ ...event(h.start, 0), seq: 2 }])
    await append(1)
    change(h.folder, `UPDATE setting SET value = ${SEQ_LIMIT - 5} WHERE name = 'record-numbers'`)
    await h.reopen()
    await append(10)
    const numbers = await numbersOf()
    expect(new Set(numbers).size).toBe(12)
    expect(numbers.every((seq) => seq < SEQ_LIMIT)).toBe(true)
    expect(numbers).toEqual(expect.arrayContaining([SEQ_LIMIT - 1, 2]))
  })
})

describe('the index of the log lines', () => {
  const WORDS = ['Request', 'ЗАПРОС', 'запрос', 'timeout', 'Café', 'user', 'ok', 'ΛΆΘΟΣ', 'queue']
  const texts = Array.from({ length: 46_000 }, (_, i) => {
    const words = [0, 1, 2].map((k) => WORDS[(i * 7 + k * (1 + (i % 5))) % WORDS.length])
    return `${words.join(' ')} id=${((i * 2_654_435_761) % 4_294_967_296).toString(16)}${i === 1_234 ? ' Иголка' : ''}`
  })
  const fill = async (from: number, to: number) => {
    for (let at = from; at < to; at += 5_000)
      await h.store.records.append(
        'logs',
        texts.slice(at, Math.min(at + 5_000, to)).map((msg, i) =>
          // Late lines as well: ids are not in the order of time.
          line(h.start + (((at + i) * 7_919) % 46_000) * 100, msg, {
            user: (at + i) % 50 === 0 ? 'rare' : 'ann',
          }),
        ),
      )
  }
  const newest = async (text: string, tags: Record<string, string>, limit: number) =>
    messages(
      await h.store.records.find(
        logs({ tags, order: 'newest first', limit, contains: { field: 'msg', text } }),
      ),
    )

  it('finds what a look at every line finds, however many lines are indexed', async () => {
    await fill(0, 40_000)
    const stages = [async () => {}, () => h.store.seal(), () => fill(40_000, 46_000)]
    for (const stage of stages) {
      await stage()
      const stored = await h.store.records.find(logs({ order: 'newest first', limit: 100_000 }))
      const times = stored.map(({ at }) => at)
      expect(new Set(times).size).toBe((await h.store.extent('logs', 'raw')).points)
      expect(times).toEqual(times.toSorted((a, b) => b - a))
      for (const [text, tags, limit] of [
        ['ИГОЛКА', {}, 10],
        ['id=dead', {}, 50],
        ['запрос', {}, 500],
        ['timeout', {}, 100_000],
        ['ок', {}, 10],
        ['ok', {}, 50_000],
        ['café user', { user: 'rare' }, 100_000],
        ['λάθος', { user: 'rare' }, 200],
        ['b1', { user: 'rare' }, 200],
        ['nowhere', {}, 10],
        ['"', {}, 10],
      ] as const) {
        const expected = stored
          .filter((one) => Object.entries(tags).every(([name, value]) => one.tags[name] === value))
          .map(({ fields }) => String(fields['msg']))
          .filter((msg) => containsFolded(msg, foldText(text)))
          .slice(0, limit)
        expect(await newest(text, tags, limit)).toEqual(expected)
      }
    }
  }, 60_000)

  it('is kept by the maintenance, and forgets what is deleted', async () => {
    await fill(0, 5_000)
    await h.store.maintain()
    expect(indexedTo()).toBe(5_000)
    await h.store.records.append('logs', [line(h.start, 'waits')])
    await h.store.maintain()
    expect(indexedTo()).toBe(5_000)
    await h.store.records.remove('logs', 'log', { user: 'ann' })
    expect(inFile(h.folder, 'SELECT count(*) FROM log')).toEqual([[100]])
    expect(inFile(h.folder, `SELECT count(*) FROM log_text WHERE log_text MATCH '"id="'`)).toEqual([
      [100],
    ])
    // An id that was indexed is never given again, also after a restart.
    await h.store.records.remove('logs', 'log', { user: 'rare' })
    await h.reopen()
    await h.store.records.append('logs', [line(h.start + HOUR, 'after')])
    await h.store.seal()
    expect(indexedTo()).toBeGreaterThan(5_000)
    expect(inFile(h.folder, 'SELECT min(id) > 5000 FROM log')).toEqual([[1]])
  }, 30_000)
})

it('a series of records that is damaged is told in a sentence', async () => {
  await h.store.records.append('journal', [mood(h.start, 'fine')])
  change(h.folder, `UPDATE journal SET v = x'00'`)
  await expect(
    h.store.records.find({
      dataset: 'journal',
      measurement: 'mood',
      tags: {},
      range: { from: instant(0), to: instant(h.start + 1) },
      order: 'oldest first',
      limit: 1,
    }),
  ).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('damaged') })
})
