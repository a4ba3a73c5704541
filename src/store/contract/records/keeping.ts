import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DAY, HOUR, instant, MINUTE } from '../../../points/instant.ts'
import type { RetentionPolicy } from '../../store.ts'
import { plain, point, question } from '../questions.ts'
import {
  allValues,
  event,
  EVENTS,
  line,
  logs,
  messages,
  mood,
  MOODS,
  type OpenRecordHarness,
  type RecordHarness,
  type RecordTraits,
} from './harness.ts'

const policy = (days: { events?: number; logs?: number }): RetentionPolicy => [
  { dataset: 'pushed', tier: 'raw', days: 1 },
  { dataset: 'events', tier: 'raw', days: days.events ?? null },
  { dataset: 'logs', tier: 'raw', days: days.logs ?? null },
  { dataset: 'journal', tier: 'raw', days: null },
]

export const describeRecordKeeping = (open: OpenRecordHarness, traits: RecordTraits) => {
  let h: RecordHarness
  beforeEach(async () => {
    h = await open()
  })
  afterEach(() => h.close())

  const moods = () =>
    h.store.records.find({ ...MOODS, tags: {}, order: 'oldest first', limit: 1_000 })

  /** A line, an event and a mood every hour. */
  const live = async (days: number) => {
    const hours = Array.from({ length: days * 24 }, (_, i) => h.start + i * HOUR)
    await h.store.records.append(
      'logs',
      hours.map((at, i) => line(at, `line ${i}`, { level: i % 2 === 0 ? 'info' : 'error' })),
    )
    await h.store.records.append(
      'events',
      hours.map((at, i) => event(at, i)),
    )
    await h.store.records.append(
      'journal',
      hours.map((at) => mood(at, 'fine')),
    )
    await h.compact()
    h.pass(days * DAY)
  }

  describe('extent', () => {
    it('is nothing at first, then counts records and says where they begin and end', async () => {
      const nothing = { oldest: null, newest: null, bytes: 0, points: 0 }
      for (const dataset of ['events', 'logs', 'journal'] as const)
        expect(await h.store.extent(dataset, 'raw')).toEqual(nothing)
      await live(2)
      const extent = {
        oldest: h.start,
        newest: h.start + 47 * HOUR,
        points: 48,
        bytes: expect.any(Number),
      }
      const reopened = await h.reopen()
      for (const dataset of ['events', 'logs', 'journal'] as const) {
        const told = await reopened.extent(dataset, 'raw')
        expect(told).toEqual(extent)
        expect(told.bytes).toBeGreaterThan(0)
      }
      expect(await reopened.extent('metrics', 'raw')).toEqual(nothing)
    })
  })

  describe('removing', () => {
    it('takes all records of the series that hold the tags, and no others', async () => {
      await h.store.records.append(
        'logs',
        Array.from({ length: 1_500 }, (_, i) =>
          line(h.start + i, `ann ${i}`, { level: i % 2 === 0 ? 'info' : 'error' }),
        ),
      )
      await h.store.records.append('logs', [line(h.start, 'bob', { user: 'bob' })])
      await h.store.records.append('journal', [mood(h.start, 'hers'), mood(h.start, 'his', 'bob')])
      await h.compact()
      await h.store.records.remove('logs', 'log', { user: 'ann' })
      expect(messages(await h.store.records.find(logs({ limit: 2_000 })))).toEqual(['bob'])
      const contains = { field: 'msg', text: 'ann' }
      expect(await h.store.records.find(logs({ contains }))).toEqual([])
      expect(await h.store.records.series('logs', 'log', {})).toHaveLength(1)
      expect(await moods()).toHaveLength(2)
      await h.store.records.remove('journal', 'mood', { user: 'ann' })
      expect((await moods()).map(({ fields }) => fields['mood'])).toEqual(['his'])
      await h.store.records.remove('journal', 'mood', { user: 'nobody' })
      await h.store.records.append('logs', [line(h.start, 'ann again')])
      await h.compact()
      expect(messages(await h.store.records.find(logs({ contains })))).toEqual(['ann again'])
    })

    it('asks for a tag', async () => {
      await h.store.records.append('logs', [line(h.start, 'stays')])
      await expect(h.store.records.remove('logs', 'log', {})).rejects.toMatchObject({
        name: 'AppError',
        code: 'invalid',
      })
      expect(messages(await h.store.records.find(logs()))).toEqual(['stays'])
    })
  })

  describe('retention of records', () => {
    const its = traits.deletesItself ? it : it.skip
    const why = traits.deletesItself ? '' : ' (not run here: a server deletes by its own clock)'

    its(
      `deletes what is older than the policy says, and a preview says so before${why}`,
      async () => {
        await live(6)
        const rules = policy({ events: 2, logs: 4 })
        const preview = await h.store.applyRetention(rules, { preview: true })
        expect(await h.store.records.find(logs())).toHaveLength(144)
        const deleted = await h.store.applyRetention(rules)
        expect(deleted).toEqual(preview)
        const bytes = expect.any(Number)
        expect(deleted).toEqual(
          expect.arrayContaining([
            { dataset: 'events', tier: 'raw', points: 96, bytes },
            { dataset: 'logs', tier: 'raw', points: 48, bytes },
          ]),
        )
        expect(deleted.every((one) => one.points > 0 === one.bytes > 0)).toBe(true)
        expect(await h.store.records.find(logs())).toHaveLength(96)
        expect(await moods()).toHaveLength(144)
        expect(
          (await allValues(h.store.records, { ...EVENTS, tags: {} }, 'duration_ms'))[0],
        ).toEqual([h.start + 4 * DAY, 96])
        expect(await h.store.extent('events', 'raw')).toMatchObject({
          oldest: h.start + 4 * DAY,
          newest: h.start + 6 * DAY - HOUR,
          points: 48,
        })
        const [series] = await h.store.records.series('logs', 'log', { level: 'error' })
        expect(series).toEqual({
          tags: { user: 'ann', level: 'error' },
          first: h.start + 2 * DAY + HOUR,
          last: h.start + 6 * DAY - HOUR,
          count: 48,
        })
        expect((await h.store.applyRetention(rules)).every(({ points }) => points === 0)).toBe(true)
      },
    )

    its(`deletes a series with its last record, and points by their own rules${why}`, async () => {
      await h.store.write('metrics', [point(h.start, { user: 1 })])
      await live(1)
      h.pass(10 * DAY)
      await h.store.applyRetention(policy({ logs: 2 }))
      expect(await h.store.records.series('logs', 'log', {})).toEqual([])
      expect((await h.store.extent('logs', 'raw')).points).toBe(0)
      expect(plain(await h.store.read(question()))[0]?.at).toEqual([h.start])
      await h.store.records.append('logs', [line(h.start + 11 * DAY, 'new')])
      await h.compact()
      expect(
        messages(await h.store.records.find(logs({ contains: { field: 'msg', text: 'new' } }))),
      ).toEqual(['new'])
    })

    const guarded = traits.guardsClock ? it : it.skip
    const unguarded = traits.guardsClock ? '' : ' (not run here: it deletes by any clock)'

    guarded(
      `deletes nothing because a clock jumps, until it has been right for an hour${unguarded}`,
      async () => {
        await live(2)
        const rules = policy({ events: 2, logs: 3 })
        await h.store.applyRetention(rules)
        const left = (await h.store.records.find(logs())).length
        const right = h.start + 2 * DAY
        h.setWall(instant(right + 400 * DAY))
        await h.store.maintain()
        expect((await h.store.applyRetention(rules)).filter(({ points }) => points > 0)).toEqual([])
        expect(await h.store.records.find(logs())).toHaveLength(left)
        for (let minute = 0; minute < 61; minute++) {
          h.pass(MINUTE)
          await h.store.maintain()
        }
        await h.store.applyRetention(rules)
        expect(await h.store.records.find(logs())).toEqual([])
        expect(await moods()).toHaveLength(48)
      },
    )
  })

  describe('a backup', () => {
    const its = traits.backsUp ? it : it.skip
    const why = traits.backsUp ? '' : ' (not run here: the server has its own)'

    its(`has the records in it${why}`, async () => {
      await live(1)
      await h.store.backup(h.backupFile)
      const copy = await h.openBackup()
      try {
        expect(await copy.records.find(logs())).toEqual(await h.store.records.find(logs()))
        const contains = { field: 'msg', text: 'line 23' }
        expect(messages(await copy.records.find(logs({ contains })))).toEqual(['line 23'])
      } finally {
        await copy.close()
      }
    })
  })
}
