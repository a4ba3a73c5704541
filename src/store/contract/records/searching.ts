import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { range } from '../questions.ts'
import {
  line,
  logs,
  messages,
  mood,
  MOODS,
  type OpenRecordHarness,
  type RecordHarness,
} from './harness.ts'

const LINES = [
  'Connection reset by peer',
  'CONNECTION refused',
  'disconnected',
  'СОЕДИНЕНИЕ разорвано',
  'соединение восстановлено',
  'Café closed',
  'Cafe\u0301 opened',
  'ΤΕΛΟΣ',
  'say "hello", it\'s 100% /done/ [a-z]* (x|y) ${z} \\d',
  'two\nlines',
  '🎉 party',
  'a_b',
  'axb',
  'İstanbul',
  '',
]

/** What is sought, and the places of the lines that have it. */
const FOUND: readonly (readonly [string, readonly number[]])[] = [
  ['connection', [0, 1]],
  ['CONNECT', [0, 1, 2]],
  ['Соединение', [3, 4]],
  ['РАЗОРВАНО', [3]],
  ['CAFÉ', [5, 6]],
  ['cafe', []],
  ['τελος', [7]],
  ['τελοσ', [7]],
  ['"HELLO"', [8]],
  [`it's 100% /done/`, [8]],
  ['[a-z]* (x|y) ${z} \\D', [8]],
  ['o\nl', [9]],
  ['🎉', [10]],
  ['🎉 P', [10]],
  ['A_B', [11]],
  ['.', []],
  ['%', [8]],
  ['no', []],
  ['İST', [13]],
  ['', LINES.map((_, i) => i)],
  ['connection reset by peer', [0]],
  ['connection reset by peers', []],
]

export const describeSearching = (open: OpenRecordHarness) => {
  let h: RecordHarness
  beforeEach(async () => {
    h = await open()
  })
  afterEach(() => h.close())

  const search = async (text: string, over: Parameters<typeof logs>[0] = {}) =>
    messages(await h.store.records.find(logs({ contains: { field: 'msg', text }, ...over })))

  describe('searching', () => {
    it('finds a text whatever the case, before and after compaction', async () => {
      await h.store.records.append(
        'logs',
        LINES.map((msg, i) => line(h.start + i, msg)),
      )
      const expected = Object.fromEntries(
        FOUND.map(([text, found]) => [text, found.map((i) => LINES[i])]),
      )
      const answers = async (over: Parameters<typeof logs>[0] = {}) => {
        const all: [string, readonly unknown[]][] = []
        for (const [text] of FOUND) all.push([text, await search(text, over)])
        return Object.fromEntries(all)
      }
      expect(await answers()).toEqual(expected)
      await h.compact()
      expect(await answers()).toEqual(expected)
      expect(await answers({ order: 'newest first', limit: 2 })).toEqual(
        Object.fromEntries(
          Object.entries(expected).map(([text, found]) => [text, found.toReversed().slice(0, 2)]),
        ),
      )
    })

    it('finds with level, user, range and place at once', async () => {
      await h.store.records.append(
        'logs',
        Array.from({ length: 40 }, (_, i) =>
          line(h.start + i, `${i} ${i % 2 === 0 ? 'Even' : 'odd'}`, {
            user: i % 4 < 2 ? 'ann' : 'bob',
            level: i % 3 === 0 ? 'error' : 'info',
          }),
        ),
      )
      await h.compact()
      const over = { tags: { user: 'ann' }, anyOf: { level: ['error', 'critical'] } }
      expect(await search('even', over)).toEqual(['0 Even', '12 Even', '24 Even', '36 Even'])
      expect(await search('even', { ...over, range: range(h.start + 1, h.start + 36) })).toEqual([
        '12 Even',
        '24 Even',
      ])
      const [, second] = await h.store.records.find(
        logs({ ...over, order: 'newest first', contains: { field: 'msg', text: 'EVEN' } }),
      )
      expect(second?.fields['msg']).toBe('24 Even')
      expect(
        await search('even', { ...over, order: 'newest first', ...(second && { after: second }) }),
      ).toEqual(['12 Even', '0 Even'])
    })

    it('looks into any text field, and never into a number', async () => {
      await h.store.records.append('journal', [mood(h.start, 'Happy!'), mood(h.start + 1, 'tired')])
      const by = { ...MOODS, tags: {}, order: 'oldest first', limit: 10 } as const
      const found = async (field: string, text: string) =>
        (await h.store.records.find({ ...by, contains: { field, text } })).map(
          ({ fields }) => fields['mood'],
        )
      expect(await found('mood', 'hApPy')).toEqual(['Happy!'])
      expect(await found('nothing', 'happy')).toEqual([])
      const { tags, at, measurement } = line(h.start, '')
      await h.store.records.append('logs', [
        { measurement, tags, at, fields: { pid: 123, p_name: 'Worker' } },
      ])
      const worker = await h.store.records.find(
        logs({ contains: { field: 'p_name', text: 'work' } }),
      )
      expect(worker).toHaveLength(1)
      for (const contains of [
        { field: 'pid', text: '123' },
        { field: 'msg', text: '' },
      ])
        expect(await h.store.records.find(logs({ contains }))).toEqual([])
    })

    it('finds a rare text behind thousands of other lines, also while they come', async () => {
      const many = Array.from({ length: 3_000 }, (_, i) =>
        line(h.start + i, i % 1_000 === 7 ? `needle ${i}` : `haystack ${i}`),
      )
      await h.store.records.append('logs', many.slice(0, 2_500))
      await h.compact()
      await h.store.records.append('logs', many.slice(2_500))
      expect(await search('NEEDLE', { order: 'newest first', limit: 5 })).toEqual([
        'needle 2007',
        'needle 1007',
        'needle 7',
      ])
    })
  })
}
