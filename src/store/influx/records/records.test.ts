import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { containsFolded, foldText } from '../../../points/fold-text.ts'
import { DAY, HOUR, instant, SECOND } from '../../../points/instant.ts'
import {
  cleanText,
  comparePlaces,
  type NewRecord,
  type StoredRecord,
} from '../../../points/record.ts'
import { createRandom } from '../../../testing/random.ts'
import {
  allValues,
  event,
  EVENTS,
  EVER,
  line,
  logs,
  messages,
} from '../../contract/records/harness.ts'
import type { RecordQuery } from '../../records.ts'
import type { SeriesStore } from '../../store.ts'
import { cleanName } from '../../../points/line-protocol.ts'
import { binaries, ORG, startLab, type Lab } from '../testing.ts'

const now = instant(Math.floor(Date.now() / HOUR) * HOUR)

/** Texts that mean something in a script, in line protocol, in a regular expression, in CSV or in a predicate. */
const NASTY = [
  '"',
  "'",
  '\\',
  'a\\',
  'a\\\\ ',
  '$',
  '$"',
  '${r._value}',
  '") |> drop() //',
  '/ or true) |> drop() //',
  '/(?i).*/',
  '.*',
  '[a',
  '(?P<',
  '\\x2f',
  '*+?{}|^$',
  'a\nb',
  'a\r\n\tb',
  'a\rb',
  'a\0b',
  '\u001ar',
  '\u001a\u001a',
  ',= ',
  '#datatype,string',
  '"quoted ""cell"" ", and more',
  '" AND user="bob',
  'DENİZ',
  'STRASSE ẞ ß',
  'Ошибка Й',
  'ΟΔΟΣ',
  '\u0958\u0932 \u212A\u212B',
  'e\u0301A\u030A',
  '\uF98E 年',
  '🦊👩‍👩‍👧',
  '\uD800',
  '\u202Eevil',
  '_time',
  '__proto__',
  ' ',
  '',
]

describe.skipIf(binaries === null)('records in a real InfluxDB', { timeout: 60_000 }, () => {
  let lab: Lab
  let store: SeriesStore
  beforeAll(async () => {
    lab = await startLab(['--no-tasks'])
    store = await lab.open()
  })
  afterAll(() => lab.end())

  /** Everything, page by page. */
  const pages = async (query: RecordQuery): Promise<readonly StoredRecord[]> => {
    const found: StoredRecord[] = []
    for (;;) {
      const after = found.at(-1)
      const page = await store.records.find({ ...query, ...(after === undefined ? {} : { after }) })
      found.push(...page)
      if (page.length < query.limit) return found
    }
  }

  describe('with hostile texts', () => {
    const users = [...new Set(NASTY.map((text) => cleanName(cleanText(text))))]
    const measurement = 'log'
    const records: readonly NewRecord[] = NASTY.map((text, i) => ({
      measurement,
      tags: { user: text, level: 'info' },
      at: instant(now + i),
      fields: { msg: text, p_name: `of ${text}`, pid: i },
    }))
    const query = (over: Partial<RecordQuery>) => logs({ measurement, ...over })

    beforeAll(() => store.records.append('logs', records))

    it('come back as they were', async () => {
      const found = await store.records.find(query({}))
      expect(found.map(({ fields }) => fields)).toEqual(
        NASTY.map((text, i) => ({ msg: cleanText(text), p_name: `of ${cleanText(text)}`, pid: i })),
      )
      expect(store.figures().spool).toMatchObject({ dropped: 0, quarantined: 0, retries: 0 })
    })

    it.each(['msg', 'p_name'])(
      'are found by any of them in %s, and nothing else',
      async (field) => {
        for (const text of [...NASTY, 'straße', 'deni', 'ошибка й', 'οδος', 'å', 'A"', 'of ']) {
          const folded = foldText(cleanText(text))
          const found = await store.records.find(query({ contains: { field, text } }))
          const expected = NASTY.map(cleanText).filter((one) =>
            containsFolded(field === 'msg' ? one : `of ${one}`, folded),
          )
          // half a pair is looked for as it would have been stored
          if (text === cleanText(text)) expect([text, messages(found)]).toEqual([text, expected])
        }
      },
    )

    it('are removed by their tags, with nobody else', async () => {
      await store.records.append('logs', [line(now, 'other', { user: 'other' })])
      const left = new Set([...users, 'other'])
      for (const user of users) {
        await store.records.remove('logs', 'log', { user })
        left.delete(user)
        const series = await store.records.series('logs', 'log', {})
        expect(new Set(series.map(({ tags }) => tags['user']))).toEqual(left)
      }
    })
  })

  it('of one millisecond are all there, however many, and paged by their numbers', async () => {
    const burst = Array.from({ length: 12_000 }, (_, i) =>
      line(now - DAY, `burst ${i}`, { level: i % 3 === 0 ? 'error' : 'info', user: 'burst' }),
    )
    for (let i = 0; i < burst.length; i += 4_000)
      await store.records.append('logs', burst.slice(i, i + 4_000))
    for (const order of ['oldest first', 'newest first'] as const) {
      const found = await pages(logs({ tags: { user: 'burst' }, order, limit: 5_500 }))
      const sign = order === 'oldest first' ? 1 : -1
      expect(new Set(messages(found)).size).toBe(burst.length)
      expect(found).toEqual(found.toSorted((a, b) => sign * comparePlaces(a, b)))
      const contains = { field: 'msg', text: 'BURST 11' }
      const some = await pages(logs({ tags: { user: 'burst' }, order, limit: 300, contains }))
      expect(some).toHaveLength(1_111)
    }
  })

  it('are found as by looking at each of them, whatever is asked', async () => {
    const { next: random } = createRandom(7)
    const one = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T
    const words = ['Alpha', 'BETA', 'gamma', 'Ärger', 'x1']
    // dense for a minute, then hours of nothing
    const records: readonly NewRecord[] = Array.from({ length: 2_000 }, (_, i) => ({
      measurement: 'log',
      tags: { user: one(['model a', 'model b']), level: one(['info', 'error']) },
      at: instant(
        now - 3 * DAY + Math.floor(i / 400) * 9 * HOUR + Math.floor(random() * 60) * SECOND,
      ),
      seq: Math.floor(random() * 50),
      fields: {
        ...(random() < 0.9 ? { msg: `${one(words)} ${one(words)}` } : {}),
        ...(random() < 0.5 ? { pid: i } : { p_name: one(words) }),
      },
    }))
    const byPlace = new Map<string, NewRecord>()
    for (const record of records) {
      const key = JSON.stringify([record.at, record.seq, record.tags])
      if (!byPlace.has(key)) byPlace.set(key, record)
    }
    await store.records.append('logs', records)
    const all = [...byPlace.values()] as StoredRecord[]

    const text = fc.constantFrom('alpha', 'A', 'beta g', 'ärger', 'ÄR', 'x1', ' ', 'nothing')
    const questions = fc.record({
      order: fc.constantFrom('oldest first', 'newest first'),
      limit: fc.constantFrom(1, 7, 150, 3_000),
      user: fc.constantFrom('model a', undefined),
      levels: fc.constantFrom<readonly string[]>(['error'], ['info', 'error']),
      contains: fc.option(fc.record({ field: fc.constantFrom('msg', 'p_name'), text }), {
        nil: undefined,
      }),
      from: fc.constantFrom(EVER.from, instant(now - 3 * DAY + 30 * SECOND)),
      after: fc.option(fc.nat(all.length - 1), { nil: undefined }),
    })
    await fc.assert(
      fc.asyncProperty(questions, async ({ order, limit, user, levels, contains, from, after }) => {
        const place = after === undefined ? undefined : all[after]
        const sign = order === 'oldest first' ? 1 : -1
        const expected = all
          .filter(
            (record) =>
              (user === undefined || record.tags['user'] === user) &&
              levels.includes(record.tags['level'] ?? '') &&
              record.at >= from &&
              (place === undefined || sign * comparePlaces(record, place) > 0) &&
              (contains === undefined ||
                containsFolded(
                  String(record.fields[contains.field] ?? ''),
                  foldText(contains.text),
                )),
          )
          .toSorted((a, b) => sign * comparePlaces(a, b))
          .slice(0, limit)
        const found = await store.records.find(
          logs({
            order,
            limit,
            tags: user === undefined ? {} : { user },
            anyOf: { level: levels, user: ['model a', 'model b'] },
            range: { from, to: EVER.to },
            ...(contains === undefined ? {} : { contains }),
            ...(place === undefined ? {} : { after: place }),
          }),
        )
        expect(found).toEqual(expected)
      }),
      { numRuns: 150 },
    )
  })

  it('have values in order where a burst stands in years of nothing', async () => {
    const tags = { project: 'burst' }
    const at = (i: number) => now - 800 * DAY + (i < 70_000 ? i % 20 : (i - 70_000) * 300 * DAY)
    const events = Array.from({ length: 70_003 }, (_, i) => event(at(i), i, tags))
    for (let i = 0; i < events.length; i += 10_000)
      await store.records.append('events', events.slice(i, i + 10_000))
    const found = await allValues(store.records, { ...EVENTS, tags }, 'duration_ms')
    expect(found).toHaveLength(events.length)
    expect(found.every(([ms], i) => i === 0 || ms >= (found[i - 1]?.[0] ?? 0))).toBe(true)
    expect(new Set(found.map(([, value]) => value)).size).toBe(events.length)
  })

  it('show people what they hold: the line itself, and its fold where it differs', async () => {
    await store.records.append('logs', [
      line(now - 2, 'Loud', { user: 'shown' }),
      line(now - 1, 'quiet', { user: 'shown' }),
    ])
    const rows = await lab.admin.query(
      ORG,
      'from(bucket: "perfwatch_logs") |> range(start: 0) |> filter(fn: (r) => r.user == "shown") |> group() |> sort(columns: ["_time", "_field"]) |> keep(columns: ["_field", "_value"])',
    )
    expect(rows.map(({ _field, _value }) => [_field, _value])).toEqual([
      ['msg', 'Loud'],
      ['msg_folded', 'loud'],
      ['msg', 'quiet'],
    ])
  })
})

describe.skipIf(binaries === null)('while InfluxDB is away', { timeout: 60_000 }, () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startLab(['--no-tasks'])
  })
  afterAll(() => lab.end())

  it('records are taken and a repeated one is one; questions say why there is no answer', async () => {
    let store = await lab.open()
    await store.records.append('logs', [line(now, 'before', { seq: 1 })])
    await lab.server.kill9()
    await store.records.append('logs', [line(now + 1, 'meanwhile', { seq: 2 })])
    await store.records.append('logs', [line(now + 1, 'repeated', { seq: 2 })])
    await store.records.append('logs', [line(now + 2, 'counted')])
    await expect(store.records.find(logs())).rejects.toMatchObject({
      name: 'AppError',
      code: 'unavailable',
    })
    await expect(store.records.remove('logs', 'log', { user: 'ann' })).rejects.toMatchObject({
      code: 'unavailable',
    })
    await store.close()
    store = await lab.open()
    await store.records.append('logs', [line(now + 3, 'after a restart')])
    await lab.server.start()
    const expected = ['before', 'meanwhile', 'counted', 'after a restart']
    await expect
      .poll(() => store.records.find(logs()).then(messages, () => []), { timeout: 20_000 })
      .toEqual(expected)
    expect(store.figures().spool).toMatchObject({ dropped: 0, quarantined: 0, lines: 0 })
  })
})
