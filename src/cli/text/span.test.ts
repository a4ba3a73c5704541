import { describe, expect, it } from 'vitest'
import { DAY, HOUR, instant, MINUTE } from '../../points/instant.ts'
import { parseMoment, parsePeriod, parseSpan } from './span.ts'

const now = instant(Date.UTC(2025, 0, 18, 12, 0, 0))
const moment = (text: string) => parseMoment(text, '--since', now)

describe('a span', () => {
  it.each([
    ['30s', 30_000],
    ['90m', 90 * MINUTE],
    ['24h', DAY],
    ['24H', DAY],
    ['7d', 7 * DAY],
    ['2w', 14 * DAY],
    ['1h30m', 90 * MINUTE],
    ['1.5h', 90 * MINUTE],
    ['0m', 0],
  ])('%s is %d ms', (text, ms) => {
    expect(parseSpan(text)).toBe(ms)
  })

  it.each(['', 'h', '24', '-1h', '1 h', '1y', '1h-30m', '1hh', '.5h', '1e3h'])(
    "'%s' is none",
    (text) => {
      expect(parseSpan(text)).toBeUndefined()
    },
  )
})

describe('a moment', () => {
  it.each([
    ['now', '2025-01-18T12:00:00.000Z'],
    ['24h', '2025-01-17T12:00:00.000Z'],
    [' 90m ', '2025-01-18T10:30:00.000Z'],
    ['2025-01-18', '2025-01-18T00:00:00.000Z'],
    ['2025-01-18T10:00', '2025-01-18T10:00:00.000Z'],
    ['2025-01-18 10:00', '2025-01-18T10:00:00.000Z'],
    ['2025-01-18T10:00:05.25Z', '2025-01-18T10:00:05.250Z'],
    ['2025-01-18t10:00z', '2025-01-18T10:00:00.000Z'],
    ['2025-01-18T10:00+02:00', '2025-01-18T08:00:00.000Z'],
    ['2025-01-18T10:00-0530', '2025-01-18T15:30:00.000Z'],
    ['1737194400', '2025-01-18T10:00:00.000Z'],
  ])('%s is %s', (text, iso) => {
    expect(new Date(moment(text)).toISOString()).toBe(iso)
  })

  it.each([
    '',
    'yesterday',
    '2025-13-01',
    '2025-02-30',
    '2025-01-18T25:00',
    '2025-01-18T10:00+99:00',
    '18.01.2025',
    '-5',
    '24',
    '1.5',
    '1969-12-31',
    '99999999999d',
  ])("'%s' is refused with the option's name and what to write", (text) => {
    expect(() => moment(text)).toThrow(
      `--since: '${text}' is not a time. Use a span such as 90m, 24h or 7d, or a time such as 2025-01-18T10:00:00Z.`,
    )
  })
})

describe('a period', () => {
  it.each([
    ['2h..1h', now - 2 * HOUR, now - HOUR],
    ['1h..now', now - HOUR, now],
    ['2025-01-18T10:00Z..2025-01-18T12:00Z', now - 2 * HOUR, now],
  ])('%s has two ends', (text, from, to) => {
    expect(parsePeriod(text, '--with', now)).toEqual({ from, to })
  })

  it.each(['2h', '2h..', '..1h', '3h..2h..1h', ''])("'%s' is refused", (text) => {
    expect(() => parsePeriod(text, '--with', now)).toThrow(`--with: '${text}' is not a period.`)
  })
})
