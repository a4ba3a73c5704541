import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { instant } from '../../../points/instant.ts'
import type { StoredRecord } from '../../../points/record.ts'
import type { RecordQuery } from '../../records.ts'
import { range } from '../questions.ts'
import {
  event,
  line,
  logs,
  messages,
  type OpenRecordHarness,
  type RecordHarness,
} from './harness.ts'

export const describeFinding = (open: OpenRecordHarness) => {
  let h: RecordHarness
  beforeEach(async () => {
    h = await open()
  })
  afterEach(() => h.close())

  const find = (over: Partial<RecordQuery> = {}) => h.store.records.find(logs(over))
  const orders = ['oldest first', 'newest first'] as const

  /** Four lines an instant, of two users and two levels, some with one number. */
  const fill = async (instants: number) => {
    const all = Array.from({ length: instants }, (_, i) =>
      ['ann', 'bob'].flatMap((user, u) =>
        ['error', 'info'].map((level) =>
          line(h.start + i * 1_000, `${i} ${user} ${level}`, { user, level, seq: u * 5 }),
        ),
      ),
    ).flat()
    await h.store.records.append('logs', all)
    return all.map(({ fields }) => String(fields['msg']))
  }

  /** Everything, page by page, from the last record of the page before. */
  const pages = async (order: RecordQuery['order'], limit: number, between = async () => {}) => {
    const found: StoredRecord[] = []
    for (;;) {
      const after = found.at(-1)
      const page = await find({ order, limit, ...(after === undefined ? {} : { after }) })
      expect(page.length).toBeLessThanOrEqual(limit)
      found.push(...page)
      if (page.length < limit) return found
      await between()
    }
  }

  describe('finding', () => {
    it('answers in the order of instant, number and tags, both ways', async () => {
      const all = await fill(5)
      await h.compact()
      expect(messages(await find())).toEqual(all)
      expect(messages(await find({ order: 'newest first' }))).toEqual(all.toReversed())
      expect(messages(await find({ order: 'newest first', limit: 3 }))).toEqual(
        all.toReversed().slice(0, 3),
      )
    })

    it.each([
      [1, 'oldest first'],
      [3, 'newest first'],
      [4, 'oldest first'],
      [7, 'newest first'],
    ] as const)('goes on behind a place, %d at a time, %s', async (limit, order) => {
      const all = await fill(4)
      const found = messages(await pages(order, limit))
      expect(found).toEqual(order === 'oldest first' ? all : all.toReversed())
    })

    it('keeps its place while newer records come', async () => {
      const all = await fill(6)
      let more = 0
      const found = await pages('newest first', 5, async () => {
        more += 1
        await h.store.records.append('logs', [line(h.start + 3_600_000 + more, 'newer')])
      })
      expect(messages(found)).toEqual(all.toReversed())
    })

    it.each(orders)(
      'counts a range from its first instant to before its last, %s',
      async (order) => {
        await fill(5)
        const found = await find({
          order,
          tags: { user: 'ann', level: 'info' },
          range: range(h.start + 1_000, h.start + 3_000),
        })
        const expected = ['1 ann info', '2 ann info']
        expect(messages(found)).toEqual(order === 'oldest first' ? expected : expected.toReversed())
      },
    )

    it('by equal tags and by one of several values', async () => {
      await fill(2)
      await h.store.records.append('logs', [
        line(h.start + 500, 'odd', { level: 'critical' }),
        { ...line(h.start + 600, 'no level'), tags: { user: 'ann' } },
      ])
      expect(messages(await find({ tags: { user: 'bob' }, anyOf: { level: ['info'] } }))).toEqual([
        '0 bob info',
        '1 bob info',
      ])
      expect(messages(await find({ anyOf: { level: ['error', 'critical', 'none'] } }))).toEqual([
        '0 ann error',
        '0 bob error',
        'odd',
        '1 ann error',
        '1 bob error',
      ])
      expect(
        messages(await find({ anyOf: { level: ['info', 'error'], user: ['bob'] }, limit: 2 })),
      ).toEqual(['0 bob error', '0 bob info'])
      expect(messages(await find({ tags: { user: 'ann', level: 'critical' } }))).toEqual(['odd'])
    })

    it('finds nothing where there is nothing', async () => {
      expect(await find()).toEqual([])
      await fill(1)
      for (const over of [
        { measurement: 'nothing' },
        { dataset: 'events' as const },
        { tags: { user: 'nobody' } },
        { tags: { nothing: 'x' } },
        { anyOf: { level: [] } },
        { anyOf: { nothing: ['x'] } },
        { range: range(h.start + 1, h.start + 1_000) },
        { range: range(h.start + 1_000, h.start) },
        { limit: 0 },
        { after: { at: instant(h.start + 1), seq: 0, tags: {} } },
      ])
        expect(await find(over)).toEqual([])
    })

    it('among many series', async () => {
      const users = Array.from({ length: 150 }, (_, i) => `user ${i}`)
      await h.store.records.append(
        'logs',
        [0, 1].flatMap((round) =>
          users.map((user, i) => line(h.start + round * 1_000 + i, `${round} ${user}`, { user })),
        ),
      )
      const newest = users.map((user) => `1 ${user}`).toReversed()
      expect(messages(await find({ order: 'newest first', limit: 40 }))).toEqual(
        newest.slice(0, 40),
      )
      expect(messages(await find())).toHaveLength(300)
      const some = users.filter((_, i) => i % 2 === 0)
      expect(await find({ anyOf: { user: some }, limit: 500 })).toHaveLength(150)
    })

    it('long ago and far ahead', async () => {
      const ends = [-9_000_000_000_000, -1, 0, 9_000_000_000_000]
      await h.store.records.append(
        'events',
        ends.map((at, i) => event(at, i)),
      )
      const found = await h.store.records.find({
        dataset: 'events',
        measurement: 'event_duration',
        tags: {},
        range: range(-9_000_000_000_000, 9_000_000_000_001),
        order: 'newest first',
        limit: 10,
      })
      expect(found.map(({ at }) => at)).toEqual(ends.toReversed())
    })
  })

  describe('series', () => {
    it('are told by their tags, with where they begin and end and how many records they have', async () => {
      await fill(3)
      expect(await h.store.records.series('logs', 'log', { user: 'bob' })).toEqual(
        ['error', 'info'].map((level) => ({
          tags: { user: 'bob', level },
          first: h.start,
          last: h.start + 2_000,
          count: 3,
        })),
      )
      expect(await h.store.records.series('logs', 'log', {})).toHaveLength(4)
      expect(await h.store.records.series('logs', 'log', { user: 'nobody' })).toEqual([])
      expect(await h.store.records.series('logs', 'nothing', {})).toEqual([])
      await h.store.records.append('logs', [line(h.start - 5, 'repeated', { user: 'bob', seq: 1 })])
      await h.store.records.append('logs', [line(h.start - 5, 'repeated', { user: 'bob', seq: 1 })])
      const reopened = await h.reopen()
      expect(await reopened.records.series('logs', 'log', { user: 'bob', level: 'info' })).toEqual([
        {
          tags: { user: 'bob', level: 'info' },
          first: h.start - 5,
          last: h.start + 2_000,
          count: 4,
        },
      ])
    })
  })
}
