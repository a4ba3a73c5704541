import { describe, expect, it } from 'vitest'
import { instant, MINUTE } from '../../points/instant.ts'
import { TEXT_LIMIT_BYTES } from '../../points/record.ts'
import { cut, levelOf, toRecords } from './mapper.ts'

const NOW = instant(Date.UTC(2025, 0, 18, 10))
const OLDEST = instant(Date.UTC(2025, 0, 1))

describe('a level', () => {
  it.each([
    ['debug', 'debug'],
    ['INFO', 'info'],
    [' warning ', 'warning'],
    ['Error', 'error'],
    ['critical', 'critical'],
    [10, 'debug'],
    [20, 'info'],
    [25, 'info'],
    [35.5, 'warning'],
    [40, 'error'],
    [50, 'critical'],
    [1e9, 'critical'],
    [9, 'debug'],
    [0, 'debug'],
    [-5, 'debug'],
    ['30', 'warning'],
    ['-1', 'debug'],
    ['warn', undefined],
    ['', undefined],
    [null, undefined],
    [true, undefined],
    [['error'], undefined],
  ])('%j is %s', (sent, level) => {
    expect(levelOf(sent)).toBe(level)
  })
})

describe('a record', () => {
  const one = (sent: unknown, batch = {}) =>
    toRecords(
      {
        user: 'ann',
        pid: 7,
        p_name: 'bot',
        post_time: '2025-01-18T09:59:59',
        logs: [sent],
        ...batch,
      },
      'ann',
      NOW,
      OLDEST,
    )[0]

  it('has all that was sent', () => {
    expect(
      one({
        level: 'error',
        msg: 'it "broke"\n😀',
        event_at: '2025-01-18T09:00:00+02:00',
        p_description: 'the bot',
      }),
    ).toEqual({
      measurement: 'log',
      tags: { user: 'ann', level: 'error' },
      at: Date.UTC(2025, 0, 18, 7),
      fields: {
        msg: 'it "broke"\n😀',
        p_name: 'bot',
        pid: 7,
        p_description: 'the bot',
        received_at: NOW,
        event_at: Date.UTC(2025, 0, 18, 7),
        post_time: NOW - 1_000,
      },
    })
  })

  it.each([
    ['within the retention', '2025-01-01T00:00:00', Date.UTC(2025, 0, 1)],
    ['before it', '2024-12-31T23:59:59', NOW],
    ['a little ahead', '2025-01-18T10:10:00Z', NOW + 10 * MINUTE],
    ['too far ahead', '2025-01-18T10:10:01Z', NOW],
    ['in another age', '9999-12-31T23:59:59Z', NOW],
  ])('whose time is %s stands at the right instant', (_name, event_at, at) => {
    const record = one({ level: 'info', msg: '', event_at, p_description: '' })
    expect(record?.at).toBe(at)
    expect(record?.fields['event_at']).toBe(
      Date.parse(event_at.endsWith('Z') ? event_at : `${event_at}Z`),
    )
  })

  it.each([
    ['no time', { level: 'info', msg: 'a' }, { msg: 'a' }, 'info'],
    ['a time that is none', { level: 'info', msg: 'a', event_at: 'noon' }, { msg: 'a' }, 'info'],
    ['an odd level', { level: 'loud', msg: 'a' }, { level_original: 'loud' }, 'info'],
    ['a level of another kind', { level: [1], msg: 'a' }, { level_original: '[1]' }, 'info'],
    ['no level', { msg: 'a' }, { level_original: '' }, 'info'],
    ['no message', { level: 'debug' }, { msg: '' }, 'debug'],
    ['a message that is an object', { level: 'info', msg: { a: 1 } }, { msg: '{"a":1}' }, 'info'],
    ['a text alone', 'just this', { msg: 'just this' }, 'info'],
    ['null', null, { msg: '' }, 'info'],
    ['a list', [1, 2], { msg: '[1,2]' }, 'info'],
  ])('with %s is kept', (_name, sent, fields, level) => {
    const record = one(sent)
    expect(record).toMatchObject({ at: NOW, tags: { user: 'ann', level }, fields })
  })

  it('of a batch without a post time has none', () => {
    expect(one({ level: 'info', msg: '' }, { post_time: undefined })?.fields).not.toHaveProperty(
      'post_time',
    )
  })
})

describe('a long text', () => {
  it.each(['x'.repeat(TEXT_LIMIT_BYTES + 1), '😀'.repeat(20_000), 'я'.repeat(TEXT_LIMIT_BYTES)])(
    'is cut at a character, and says so',
    (text) => {
      const short = cut(text)
      expect(Buffer.byteLength(short)).toBeLessThanOrEqual(TEXT_LIMIT_BYTES)
      expect(Buffer.byteLength(short)).toBeGreaterThan(TEXT_LIMIT_BYTES - 20)
      expect(short).toMatch(/ … \[cut\]$/)
      expect(short).not.toContain('\uFFFD')
    },
  )

  it('that fits stays', () => {
    expect(cut('я'.repeat(TEXT_LIMIT_BYTES / 2))).toHaveLength(TEXT_LIMIT_BYTES / 2)
  })
})
