import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import Database from 'libsql'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../points/clock.ts'
import { DAY, HOUR, instant, MINUTE, SECOND } from '../../points/instant.ts'
import { HOST, plain, point, question } from '../contract/questions.ts'
import { openEmbedded } from './open-embedded.ts'
import { openInTemporary, type TemporaryStore } from './testing/open-in-temporary.ts'

describe('what the store does by itself', () => {
  let h: TemporaryStore
  beforeEach(() => {
    h = openInTemporary()
  })
  afterEach(() => h.close())

  const ask = <T>(sql: string): T => {
    const other = new Database(join(h.folder, 'series.db'), { timeout: 2_000 })
    const row: unknown = other.prepare(sql).raw().all()[0]
    other.close()
    return (Array.isArray(row) ? row[0] : undefined) as T
  }
  const chunks = (tier: number) =>
    ask<number>(`SELECT coalesce(sum(n), 0) FROM chunk WHERE tier = ${tier}`)
  const hot = (tier: number) => ask<number>(`SELECT count(*) FROM hot WHERE tier = ${tier}`)
  const pass = async (ms: number) => {
    h.pass(ms)
    await h.store.maintain()
  }
  const rolledUpTo = async () => (await h.store.coverage('metrics', HOST))['1m'].rolledUpTo

  it('rolls a window up ten seconds after it has closed', async () => {
    await h.store.write('metrics', [point(h.start, { user: 1 })])
    await pass(MINUTE + 9 * SECOND)
    expect(await rolledUpTo()).toBeNull()
    await pass(SECOND)
    expect(await rolledUpTo()).toBe(h.start + MINUTE)
  })

  it('heals a dirty window when it has been quiet for ten seconds, or after a minute', async () => {
    const dirty = async () => (await h.store.coverage('metrics', HOST))['1m'].dirty.length
    await h.store.write('metrics', [point(h.start, { user: 1 })])
    await pass(2 * HOUR)
    await h.store.write('metrics', [point(h.start + 1, { user: 1 })])
    await pass(9 * SECOND)
    expect(await dirty()).toBe(1)
    await pass(SECOND)
    expect(await dirty()).toBe(0)
    const waited: number[] = []
    for (let second = 0; second < 120 && waited.length === 0; second += 5) {
      await h.store.write('metrics', [point(h.start + 2, { user: second })])
      await pass(5 * SECOND)
      if ((await dirty()) === 0) waited.push(second + 5)
    }
    expect(waited).toEqual([60])
  })

  it('heals at once after a restart', async () => {
    await h.store.write('metrics', [point(h.start, { user: 1 })])
    await pass(2 * HOUR)
    await h.store.write('metrics', [point(h.start + 1, { user: 3 })])
    await h.reopen()
    await h.store.maintain()
    const [answer] = plain(await h.store.read(question({ tier: '1h' })))
    expect(answer?.fields['user']).toEqual({ value: [2] })
  })

  it('seals each hour of raw rows when it has passed, and the tiers now and then', async () => {
    for (let hour = 0; hour < 30; hour++) {
      const minutes = Array.from({ length: 60 }, (_, i) => hour * 60 + i)
      await h.store.write(
        'metrics',
        minutes.map((minute) => point(h.start + minute * MINUTE, { user: minute })),
      )
      await pass(HOUR)
    }
    await h.store.write('metrics', [point(h.start + 30 * HOUR, { user: 1 })])
    await pass(2 * MINUTE)
    // Raw and 1m up to the last hour, 5m up to the last four, 1h up to the last day.
    expect([chunks(0), hot(0)]).toEqual([30 * 60, 1])
    expect([chunks(1), hot(1)]).toEqual([30 * 60, 1])
    expect([chunks(2), hot(2)]).toEqual([28 * 12, 24])
    expect([chunks(3), hot(3)]).toEqual([24, 6])
    const [raw] = plain(await h.store.read(question()))
    expect(raw?.at).toHaveLength(30 * 60 + 1)
  })

  it('does not seal an hour again for each late point', async () => {
    await h.store.write('metrics', [point(h.start, { user: 1 })])
    await pass(90 * MINUTE)
    expect(hot(0)).toBe(0)
    await h.store.write('metrics', [point(h.start + 1, { user: 2 })])
    await pass(20 * MINUTE)
    expect(hot(0)).toBe(1)
    await pass(20 * MINUTE)
    expect([hot(0), chunks(0)]).toEqual([0, 2])
  })

  it('seals at once where very many rows have come', async () => {
    const now = h.start + HOUR
    h.pass(HOUR + MINUTE)
    const points = Array.from({ length: 60_001 }, (_, i) => ({
      ...point(now + i, { user: i % 7 }),
      tags: { room: 'kitchen' },
    }))
    await h.store.write('pushed', points)
    expect(hot(4)).toBe(60_001)
    await h.store.maintain()
    expect([hot(4), chunks(4)]).toEqual([0, 60_001])
    const [answer] = await h.store.read(question({ dataset: 'pushed', tags: {} }))
    expect(answer?.at.length).toBe(60_001)
    expect([...(answer?.fields['user']?.value.subarray(0, 8) ?? [])]).toEqual([
      0, 1, 2, 3, 4, 5, 6, 0,
    ])
  })

  it('applies its policy hourly, as it was last set, also after a restart', async () => {
    await h.store.applyRetention([{ dataset: 'metrics', tier: 'raw', days: 1 }])
    await h.store.write('metrics', [point(h.start, { user: 1 })])
    await h.reopen()
    expect(h.store.figures().lastRetention).toBe(h.start)
    for (let hour = 1; hour <= 50; hour++) {
      await pass(HOUR)
      expect(h.store.figures().lastRetention).toBe(h.start + hour * HOUR)
    }
    await pass(HOUR / 2)
    expect(h.store.figures().lastRetention).toBe(h.start + 50 * HOUR)
    expect(chunks(0)).toBe(0)
    expect((await h.store.extent('metrics', '1h')).points).toBe(1)
    expect(await h.store.newest(HOST)).toBe(h.start)
    expect(await h.store.hosts()).toEqual([{ host: HOST, firstSeen: h.start, lastSeen: h.start }])
  })

  it('gives the disk back what a shorter retention has freed', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    let state = 1
    const noise = () => (state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32) / 3
    for (let day = 0; day < 4; day++) {
      const at = Array.from({ length: 12_000 }, (_, i) => h.start + day * DAY + i * 7_000)
      await h.store.write(
        'pushed',
        at.map((one) => point(one, Object.fromEntries(names.map((name) => [name, noise()])))),
      )
      await h.store.seal()
      h.pass(DAY)
    }
    const pages = () => ask<number>('PRAGMA page_count')
    const before = pages()
    await h.store.applyRetention([{ dataset: 'pushed', tier: 'raw', days: 1 }])
    expect(before).toBeGreaterThan(900)
    expect(pages()).toBeLessThan(before - 300)
    expect(ask('PRAGMA integrity_check')).toBe('ok')
    const [left] = await h.store.read(question({ dataset: 'pushed' }))
    expect(left?.at[0]).toBeGreaterThanOrEqual(h.start + 3 * DAY)
  })
})

describe('a store that cannot write', () => {
  it('says so until it can, and has forgotten nothing and invented nothing', async () => {
    const h = openInTemporary()
    try {
      await h.store.write('metrics', [point(h.start, { user: 1 })])
      const other = new Database(join(h.folder, 'series.db'))
      other.exec('BEGIN IMMEDIATE')
      const core = { measurement: 'cpu_core', tags: { core: '0' } }
      const failed = 'Another program holds series.db locked for writing: end it.'
      await expect(
        h.store.write('metrics', [
          point(h.start, { idle: 2 }),
          point(h.start, { usage_percent: 1 }, core),
        ]),
      ).rejects.toMatchObject({ code: 'unavailable', message: failed })
      expect(h.store.health()).toEqual({ kind: 'embedded', problems: [failed] })
      expect(h.store.figures()).toMatchObject({ pointsWritten: 1, pointsRefused: 2 })
      other.exec('ROLLBACK')
      other.close()
      expect(await h.store.measurements('metrics')).toEqual(['cpu'])
      await h.store.write('metrics', [point(h.start, { usage_percent: 3 }, core)])
      expect(h.store.health().problems).toEqual([])
      const answer = plain(await h.store.read(question({ measurements: ['cpu', 'cpu_core'] })))
      expect(answer.map(({ fields }) => fields)).toEqual([
        { user: { value: [1] } },
        { usage_percent: { value: [3] } },
      ])
    } finally {
      await h.close()
    }
  })
})

describe('a store beside other processes', () => {
  /** Opens the file, counts its rows and closes it, as a program beside the server does. */
  const countElsewhere = (folder: string): number => {
    const script = `
      import Database from ${JSON.stringify(import.meta.resolve('libsql'))}
      const db = new Database(${JSON.stringify(join(folder, 'series.db'))}, { timeout: 2000 })
      console.log(db.prepare('SELECT count(*) FROM hot').raw().all()[0][0])
      db.close()`
    const told = spawnSync(process.execPath, ['--input-type=module', '--eval', script])
    return Number(told.stdout.toString())
  }

  it('keeps its locks on the file when it is opened a second time', async () => {
    const h = openInTemporary()
    try {
      // Whoever opens and closes a handle of the file here would free it for the other process to empty the journal.
      for (let i = 1; i <= 3; i++) {
        await h.store.write('metrics', [point(h.start + i, { user: 1 })])
        const second = openEmbedded({ folder: h.folder, clock: systemClock })
        expect(countElsewhere(h.folder)).toBe(i)
        await second.close()
      }
      expect(countElsewhere(h.folder)).toBe(3)
    } finally {
      await h.close()
    }
  })
})

describe('the clock', () => {
  it('may be set back: rows, windows and marks stay', async () => {
    const h = openInTemporary()
    try {
      await h.store.write('metrics', [point(h.start + HOUR, { user: 1 })])
      h.pass(3 * HOUR)
      await h.store.maintain()
      const before = await h.store.coverage('metrics', HOST)
      h.setWall(instant(h.start - DAY))
      await h.store.maintain()
      await h.store.rollUp()
      expect(await h.store.coverage('metrics', HOST)).toEqual(before)
    } finally {
      await h.close()
    }
  })
})
