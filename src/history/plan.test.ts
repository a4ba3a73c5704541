import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ROLLUP_TIERS, TIER_MS } from '../catalog/tiers.ts'
import { DAY, HOUR, instant, MINUTE, SECOND, toIso, windowStart } from '../points/instant.ts'
import type { Coverage, RollupCoverage } from '../store/store.ts'
import { autoInterval, INTERVAL_MS, parseInterval } from './interval.ts'
import { chooseInterval, plan, possibleWindows, windowsOf, type Read } from './plan.ts'

const now = Date.UTC(2026, 0, 20, 12, 37, 20)

/** A year old, rolled up to now, raw kept a week and 1m and 5m 15 days. */
const coverage = (over: {
  raw?: Partial<Coverage['raw']>
  '1m'?: Partial<RollupCoverage>
  '5m'?: Partial<RollupCoverage>
  '1h'?: Partial<RollupCoverage>
}): Coverage => {
  const tier = (name: (typeof ROLLUP_TIERS)[number], days: number | null): RollupCoverage => ({
    oldest: instant(now - (days ?? 365) * DAY),
    newest: windowStart(now, TIER_MS[name]),
    horizon: days === null ? null : instant(now - days * DAY),
    rolledUpTo: windowStart(now, TIER_MS[name]),
    dirty: [],
    ...over[name],
  })
  return {
    raw: {
      oldest: instant(now - 7 * DAY),
      newest: instant(now),
      horizon: instant(now - 7 * DAY),
      ...over.raw,
    },
    '1m': tier('1m', 15),
    '5m': tier('5m', 15),
    '1h': tier('1h', null),
  }
}
const at = (hour: number, minute = 0, second = 0) =>
  instant(Date.UTC(2026, 0, 20, hour, minute, second))

describe('the windows of a range', () => {
  it.each([
    // start, end, the first and the last window's start: whole, both ends included
    [at(10), at(11), MINUTE, at(10), at(11)],
    [at(10, 0, 1), at(10, 59, 59), MINUTE, at(10), at(10, 59)],
    [at(10, 0, 30), at(10, 0, 40), MINUTE, at(10), at(10)],
    [at(10, 5), at(10, 55), HOUR, at(10), at(10)],
    [at(10), at(11), HOUR, at(10), at(11)],
    [at(9, 59, 59), at(11), HOUR, at(9), at(11)],
    [instant(-1), instant(1), 5 * SECOND, instant(-5_000), instant(0)],
  ])('%d .. %d by %d ms', (start, end, windowMs, first, last) => {
    expect(windowsOf({ start, end }, windowMs)).toEqual({ from: first, to: last + windowMs })
    const starts = Array.from(
      { length: possibleWindows({ start, end }, windowMs) + 4 },
      (_, i) => first + (i - 2) * windowMs,
    )
    // The contract's words: ends after start, starts at or before end.
    const belonging = starts.filter((one) => one + windowMs > start && one <= end)
    expect([belonging[0], belonging.at(-1)]).toEqual([first, last])
  })
})

describe('the interval', () => {
  it.each([
    [1, '5s'],
    [30 * MINUTE, '5s'],
    [30 * MINUTE + 1, '1m'],
    [6 * HOUR, '1m'],
    [6 * HOUR + 1, '5m'],
    [24 * HOUR, '5m'],
    [24 * HOUR + 1, '1h'],
    [365 * DAY, '1h'],
  ])('auto for %d ms is %s', (length, expected) => {
    expect(autoInterval(length)).toBe(expected)
  })

  it.each([
    ['5s', '5s'],
    ['1M', '1m'],
    [' 5m ', '5m'],
    ['1H', '1h'],
    ['AUTO', 'auto'],
    [undefined, 'auto'],
  ])('%s is read as %s', (text, expected) => {
    expect(parseInterval(text)).toBe(expected)
  })

  it.each(['2h', '', '5', '5 s', '1d', 'raw', '__proto__'])('%s is refused', (text) => {
    expect(() => parseInterval(text)).toThrow(`Invalid interval: ${text}`)
  })

  const ago = (ms: number) => instant(now - ms)
  const young = { oldest: ago(2 * HOUR), newest: ago(0) }
  it.each([
    ['auto', 30 * MINUTE, 0, {}, {}, '5s'],
    ['auto', 4 * HOUR, 0, {}, {}, '1m'],
    ['auto', 24 * HOUR, 0, {}, {}, '5m'],
    ['auto', 30 * DAY, 0, {}, {}, '1h'],
    // more windows than the limit
    ['auto', 30 * MINUTE, 0, { limit: 361 }, {}, '5s'],
    ['auto', 30 * MINUTE, 0, { limit: 360 }, {}, '1m'],
    ['auto', 24 * HOUR, 0, { limit: 100 }, {}, '1h'],
    ['auto', 30 * DAY, 0, { limit: 10 }, {}, '1h'],
    // never finer than the samples
    ['auto', 30 * MINUTE, 0, { samplingIntervalMs: 1_000 }, {}, '5s'],
    ['auto', 30 * MINUTE, 0, { samplingIntervalMs: 10_000 }, {}, '1m'],
    ['auto', 30 * MINUTE, 0, { samplingIntervalMs: 60_000 }, {}, '1m'],
    ['auto', 30 * MINUTE, 0, { samplingIntervalMs: 61_000 }, {}, '5m'],
    ['auto', 30 * MINUTE, 0, { samplingIntervalMs: 3_600_000 }, {}, '1h'],
    ['5s', 30 * MINUTE, 0, { samplingIntervalMs: 3_600_000 }, {}, '5s'],
    // as asked, however many
    ['5s', 6 * DAY, 0, { limit: 1 }, {}, '5s'],
    ['1m', 14 * DAY, 0, { limit: 1 }, {}, '1m'],
    // expired for part of the range
    ['auto', 10 * MINUTE, 8 * DAY, {}, {}, '1m'],
    ['auto', 10 * MINUTE, 20 * DAY, {}, {}, '1h'],
    ['5s', 8 * DAY, 0, {}, {}, '1m'],
    ['5s', 16 * DAY, 0, {}, {}, '1h'],
    ['1m', 16 * DAY, 0, {}, {}, '1h'],
    ['5m', 16 * DAY, 0, {}, {}, '1h'],
    ['1h', 400 * DAY, 0, {}, {}, '1h'],
    ['1m', 14 * DAY, 0, {}, {}, '1m'],
    // raw is kept longer than the tier
    ['1m', 16 * DAY, 0, {}, { raw: { horizon: ago(30 * DAY) } }, '1m'],
    // nothing has been lost: there never was more
    [
      '5s',
      16 * DAY,
      0,
      {},
      { raw: { ...young, horizon: ago(7 * DAY) }, '1m': young, '5m': young, '1h': young },
      '5s',
    ],
  ] as const)(
    '%s over %d ms that end %d ms ago, %o, %o: %s',
    (asked, length, end, over, held, expected) => {
      const question = {
        start: ago(end + length),
        end: ago(end),
        limit: 1000,
        samplingIntervalMs: 5_000,
      }
      expect(chooseInterval({ ...question, asked, ...over }, coverage(held))).toBe(expected)
    },
  )
})

describe('the plan', () => {
  const short = (reads: readonly Read[]) =>
    reads.map(({ tier, range, windowMs, partial }) =>
      [
        tier,
        toIso(range.from).slice(5, 16),
        toIso(range.to).slice(5, 16),
        windowMs === undefined ? 'stored' : `by ${windowMs / 1000} s`,
        ...(partial ? ['part'] : []),
      ].join(' '),
    )
  const dirty = (from: number, to: number) => ({
    dirty: [{ from: instant(from), to: instant(to) }],
  })
  const never = { rolledUpTo: null, oldest: null, newest: null }

  it.each([
    ['a tier that has it all', '1m', at(8), at(9), {}, ['1m 01-20T08:00 01-20T09:01 stored']],
    ['5s from raw', '5s', at(8), at(8, 0, 59), {}, ['raw 01-20T08:00 01-20T08:01 by 5 s']],
    [
      'the unfinished minute from raw',
      '1m',
      at(12, 30),
      at(12, 37, 20),
      {},
      ['1m 01-20T12:30 01-20T12:37 stored', 'raw 01-20T12:37 01-20T12:38 by 60 s'],
    ],
    [
      'the unfinished hour from what is rolled up of it, and raw',
      '1h',
      at(9),
      at(12, 37, 20),
      {},
      [
        '1h 01-20T09:00 01-20T12:00 stored',
        '5m 01-20T12:00 01-20T12:35 stored part',
        '1m 01-20T12:35 01-20T12:37 stored part',
        'raw 01-20T12:37 01-20T13:00 by 60 s part',
      ],
    ],
    [
      'nothing rolled up yet',
      '1h',
      at(9),
      at(12, 37),
      { '1m': never, '5m': never, '1h': never },
      ['raw 01-20T09:00 01-20T13:00 by 3600 s'],
    ],
    [
      'a tier that lags behind',
      '1h',
      at(6),
      at(12, 10),
      { '1h': { rolledUpTo: at(8) }, '5m': { rolledUpTo: at(10, 20) }, '1m': never },
      [
        '1h 01-20T06:00 01-20T08:00 stored',
        '5m 01-20T08:00 01-20T10:00 by 3600 s',
        '5m 01-20T10:00 01-20T10:20 stored part',
        'raw 01-20T10:20 01-20T11:00 by 60 s part',
        'raw 01-20T11:00 01-20T13:00 by 3600 s',
      ],
    ],
    [
      'a dirty hour from the clean part of the finer tiers',
      '1h',
      at(6),
      at(9, 59),
      {
        '1h': dirty(at(8), at(9)),
        '5m': dirty(at(8, 10), at(8, 15)),
        '1m': dirty(at(8, 12), at(8, 13)),
      },
      [
        '1h 01-20T06:00 01-20T08:00 stored',
        '5m 01-20T08:00 01-20T08:10 stored part',
        '1m 01-20T08:10 01-20T08:12 stored part',
        'raw 01-20T08:12 01-20T08:13 by 60 s part',
        '1m 01-20T08:13 01-20T08:15 stored part',
        '5m 01-20T08:15 01-20T09:00 stored part',
        '1h 01-20T09:00 01-20T10:00 stored',
      ],
    ],
    [
      'what is dirty but can no longer be made better',
      '1h',
      at(8),
      at(8, 59),
      { '1h': dirty(at(8), at(9)), raw: { horizon: at(8, 1) } },
      ['1h 01-20T08:00 01-20T09:00 stored'],
    ],
    [
      'a tier that is cut while raw is not',
      '1m',
      at(7, 58),
      at(8, 1),
      { '1m': { horizon: at(8, 0, 1) }, raw: { horizon: null } },
      ['raw 01-20T07:58 01-20T08:01 by 60 s', '1m 01-20T08:01 01-20T08:02 stored'],
    ],
  ] as const)('%s', (_name, interval, start, end, held, expected) => {
    const windowMs = INTERVAL_MS[interval]
    expect(short(plan(windowsOf({ start, end }, windowMs), windowMs, coverage(held)))).toEqual(
      expected,
    )
  })

  it('covers all windows once, in order, at seams, whatever the tiers are like', () => {
    const mark = fc.option(fc.integer({ min: 0, max: 300 }), { nil: null })
    const tier = fc.record({
      rolledUpTo: mark,
      horizon: mark,
      dirty: fc.array(fc.tuple(fc.nat(300), fc.integer({ min: 1, max: 40 })), { maxLength: 30 }),
    })
    const question = fc.record({
      interval: fc.constantFrom('1m' as const, '5m' as const, '1h' as const),
      start: fc.nat(200),
      length: fc.integer({ min: 1, max: 200 }),
      raw: mark,
      tiers: fc.tuple(tier, tier, tier),
    })
    const minute = (value: number | null) => (value === null ? null : instant(value * MINUTE))
    fc.assert(
      fc.property(question, ({ interval, start, length, raw, tiers }) => {
        const none = { oldest: null, newest: null }
        const [m1, m5, h1] = tiers.map(({ rolledUpTo, horizon, dirty: windows }) => ({
          ...none,
          rolledUpTo: minute(rolledUpTo),
          horizon: minute(horizon),
          dirty: windows.map(([from, size]) => ({
            from: instant(from * MINUTE),
            to: instant((from + size) * MINUTE),
          })),
        }))
        if (m1 === undefined || m5 === undefined || h1 === undefined) throw new Error('three')
        const held: Coverage = {
          raw: { ...none, horizon: minute(raw) },
          '1m': m1,
          '5m': m5,
          '1h': h1,
        }
        const windowMs = INTERVAL_MS[interval]
        const windows = windowsOf(
          { start: instant(start * MINUTE + 7_000), end: instant((start + length) * MINUTE) },
          windowMs,
        )
        const reads = plan(windows, windowMs, held)
        let reached: number = windows.from
        for (const { tier: from, range, windowMs: folded, partial } of reads) {
          expect(range.from).toBe(reached)
          expect(range.to).toBeGreaterThan(range.from)
          const step = folded ?? (from === 'raw' ? 0 : TIER_MS[from])
          expect([range.from % step, range.to % step]).toEqual([0, 0])
          expect(step <= windowMs && (partial || step === windowMs)).toBe(true)
          reached = range.to
        }
        expect(reached).toBe(windows.to)
      }),
      { numRuns: 500, seed: 8 },
    )
  })
})
