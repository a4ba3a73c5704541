import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RECORD_SERIES } from '../../../catalog/records.ts'
import { HOUR, instant } from '../../../points/instant.ts'
import { SEQ_LIMIT, type NewRecord } from '../../../points/record.ts'
import { plain, point, question } from '../questions.ts'
import {
  event,
  EVENTS,
  EVER,
  line,
  logs,
  messages,
  mood,
  MOODS,
  unnumbered,
  type OpenRecordHarness,
  type RecordHarness,
} from './harness.ts'

const TEXTS = [
  'plain',
  'with space, comma = and, equals=sign',
  `"double" and 'single' and \`back\``,
  'two\nlines\r\nand a\ttab',
  'C:\\temp\\new',
  '${r.msg} #{x} %s {{y}}',
  'emoji 🎉👩‍👩‍👧 и кириллица, 日本語',
  '', // empty is a text
  ' leading and trailing ',
]

export const describeAppending = (open: OpenRecordHarness) => {
  let h: RecordHarness
  beforeEach(async () => {
    h = await open()
  })
  afterEach(() => h.close())

  describe('appending', () => {
    it('keeps every record of one series and instant, also of one batch and over a restart', async () => {
      const same = Array.from({ length: 5 }, (_, i) => event(h.start, i))
      await h.store.records.append('events', same.slice(0, 3))
      await h.store.records.append('events', same.slice(3, 4))
      const reopened = await h.reopen()
      await reopened.records.append('events', same.slice(4))
      const found = await h.store.records.find({
        ...EVENTS,
        tags: {},
        order: 'oldest first',
        limit: 10,
      })
      expect(new Set(found.map(({ fields }) => fields['duration_ms']))).toEqual(
        new Set([0, 1, 2, 3, 4]),
      )
      expect(new Set(found.map(({ seq }) => seq)).size).toBe(5)
      for (const { seq } of found) expect(seq >= 0 && seq < SEQ_LIMIT).toBe(true)
    })

    it.each(RECORD_SERIES.map((series) => [series.measurement, series] as const))(
      'gives every field of %s back under its name',
      async (measurement, { dataset, tags, fields }) => {
        const record: NewRecord = {
          measurement,
          tags: Object.fromEntries(tags.map((name) => [name, `a ${name}`])),
          at: h.start,
          fields: Object.fromEntries(
            Object.entries(fields).map(([name, { kind }], place) => [
              name,
              kind === 'number' ? place + 0.5 : `A text of ${name}`,
            ]),
          ),
        }
        await h.store.records.append(dataset, [record])
        const found = await h.store.records.find({
          dataset,
          measurement,
          tags: {},
          range: EVER,
          order: 'oldest first',
          limit: 10,
        })
        expect(unnumbered(found)).toEqual([record])
      },
    )

    it('takes a second record of the same series, instant and number for the same one', async () => {
      await h.store.records.append('logs', [
        line(h.start, 'first', { seq: 7 }),
        line(h.start, 'repeated in the batch', { seq: 7 }),
        line(h.start, 'another user', { seq: 7, user: 'bob' }),
        line(h.start, 'another number', { seq: 999_999 }),
      ])
      await h.store.records.append('logs', [
        line(h.start, 'repeated', { seq: 7 }),
        line(h.start + 1, 'another instant', { seq: 7 }),
        line(h.start, 'none', { seq: 0 }),
      ])
      const found = await h.store.records.find(logs())
      expect(found.map(({ seq, fields }) => [seq, fields['msg']])).toEqual([
        [0, 'none'],
        [7, 'first'],
        [7, 'another user'],
        [999_999, 'another number'],
        [7, 'another instant'],
      ])
    })

    it('numbers around those that brought their number', async () => {
      const given = Array.from({ length: 50 }, (_, seq) => line(h.start, `given ${seq}`, { seq }))
      const counted = Array.from({ length: 50 }, (_, i) => line(h.start, `counted ${i}`))
      await h.store.records.append('logs', given)
      await h.store.records.append('logs', counted)
      const found = await h.store.records.find(logs())
      expect(new Set(messages(found)).size).toBe(100)
    })

    it('stores all of many that are appended at once', async () => {
      const many = Array.from({ length: 300 }, (_, i) =>
        event(h.start + (i % 3), i, { metric: `m${i % 5}` }),
      )
      await Promise.all(many.map((one) => h.store.records.append('events', [one])))
      const found = await h.store.records.find({
        ...EVENTS,
        tags: {},
        order: 'oldest first',
        limit: 1_000,
      })
      const durations = found.map(({ fields }) => Number(fields['duration_ms']))
      expect(durations.toSorted((a, b) => a - b)).toEqual(many.map((_, i) => i))
    })

    it('takes no records, and any order of time', async () => {
      await h.store.records.append('logs', [])
      await h.store.records.append(
        'logs',
        [3, 1, 2].map((i) => line(h.start + i, `at ${i}`)),
      )
      await h.store.records.append('logs', [line(h.start - HOUR, 'late')])
      expect(messages(await h.store.records.find(logs()))).toEqual(['late', 'at 1', 'at 2', 'at 3'])
    })

    it('keeps numbers and texts of several fields', async () => {
      const full: NewRecord = {
        measurement: 'log',
        tags: { user: 'ann', level: 'error' },
        at: instant(h.start),
        seq: 5,
        fields: { msg: 'broken', pid: 4_242, p_name: 'worker', event_at: 1.7e12 + 0.5 },
      }
      await h.store.records.append('logs', [full])
      expect(await h.store.records.find(logs())).toEqual([full])
    })

    it.each([[[0, -1.5, 1e-9]], [[Number.MAX_VALUE, 5e-324]], [[2 ** 53, 0.1 + 0.2, 1 / 3]]])(
      'keeps %j exactly',
      async (numbers) => {
        await h.store.records.append(
          'events',
          numbers.map((value, i) => event(h.start + i, value)),
        )
        const found = await h.store.records.find({
          ...EVENTS,
          tags: {},
          order: 'oldest first',
          limit: 10,
        })
        expect(found.map(({ fields }) => fields['duration_ms'])).toEqual(numbers)
      },
    )

    it('keeps any text in a field', async () => {
      const moods = TEXTS.map((text, i) => mood(h.start + i, text))
      const lines = TEXTS.map((text, i) => line(h.start + i, text))
      await h.store.records.append('journal', moods)
      await h.store.records.append('logs', lines)
      const found = await h.store.records.find({
        ...MOODS,
        tags: {},
        order: 'oldest first',
        limit: 100,
      })
      expect(unnumbered(found)).toEqual(moods)
      expect(unnumbered(await h.store.records.find(logs()))).toEqual(lines)
    })

    it('keeps a text of 64 KiB, and refuses a longer one', async () => {
      const long = 'яж'.repeat(16_384)
      await h.store.records.append('logs', [line(h.start, long)])
      expect(messages(await h.store.records.find(logs()))).toEqual([long])
      await expect(
        h.store.records.append('logs', [line(h.start, `${long}.`)]),
      ).rejects.toMatchObject({ name: 'AppError', code: 'invalid' })
    })

    it('cleans texts of what is no character', async () => {
      await h.store.records.append('logs', [line(h.start, 'a\0b\ud800c\udc00')])
      expect(messages(await h.store.records.find(logs()))).toEqual(['a\ufffdb\ufffdc\ufffd'])
    })

    it('keeps any text in a tag, and finds by it', async () => {
      const users = [
        'with space, comma = and, equals=sign',
        `"double" and 'single'`,
        '${r.user} #{x} /.*/',
        'emoji 🎉 и кириллица',
        'a'.repeat(1_024),
        'plain',
      ]
      for (const user of users)
        await h.store.records.append('logs', [line(h.start, `of ${user}`, { user })])
      for (const user of users) {
        expect(unnumbered(await h.store.records.find(logs({ tags: { user } })))).toEqual([
          line(h.start, `of ${user}`, { user }),
        ])
        expect(await h.store.records.series('logs', 'log', { user })).toEqual([
          { tags: { user, level: 'info' }, first: h.start, last: h.start, count: 1 },
        ])
      }
      expect(await h.store.records.find(logs({ anyOf: { user: users } }))).toHaveLength(6)
    })

    it.each([
      ['NaN', { fields: { msg: 'x', pid: Number.NaN } }],
      ['Infinity', { fields: { pid: Infinity } }],
      ['a boolean', { fields: { msg: true } }],
      ['an object', { fields: { msg: {} } }],
      ['no field', { fields: {} }],
      ['a tag that is a number', { tags: { user: 1 } }],
      ['half a millisecond', { at: 0.5 }],
      ['an instant beyond what fits', { at: 9_223_372_036_854 }],
      ['a number beyond the limit', { seq: SEQ_LIMIT }],
      ['half a number', { seq: 0.5 }],
      ['a measurement without a name', { measurement: '' }],
    ])('refuses %s, and with it the whole batch, but not its neighbours', async (_, bad) => {
      const batch = [line(h.start, 'good'), { ...line(h.start, 'bad'), ...bad } as NewRecord]
      const [refused, taken] = await Promise.allSettled([
        h.store.records.append('logs', batch),
        h.store.records.append('logs', [line(h.start, 'neighbour')]),
      ])
      expect(taken.status).toBe('fulfilled')
      expect(refused).toMatchObject({
        status: 'rejected',
        reason: { name: 'AppError', code: 'invalid' },
      })
      expect(messages(await h.store.records.find(logs()))).toEqual(['neighbour'])
    })

    it('does not disturb points, nor do they disturb it', async () => {
      await h.store.write('metrics', [point(h.start, { user: 1 })])
      await h.store.records.append('logs', [line(h.start, 'a line')])
      await h.store.write('pushed', [
        { measurement: 'log', tags: { user: 'ann' }, fields: { msg: 1 }, at: h.start },
      ])
      expect(plain(await h.store.read(question()))[0]?.fields).toEqual({ user: { value: [1] } })
      expect(await h.store.measurements('pushed')).toEqual(['log'])
      expect(messages(await h.store.records.find(logs()))).toEqual(['a line'])
      await h.store.removeHost('alpha')
      expect(messages(await h.store.records.find(logs()))).toEqual(['a line'])
    })
  })
}
