import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { growth, known, percent, perSecond, rounded, sinceLast, sumKnown } from './rates.ts'

const count = fc.integer({ min: 0, max: 2 ** 50 })
const elapsed = fc.double({ min: 1, max: 3_600_000, noNaN: true })

describe('a rate', () => {
  it('is what was counted, per second, whatever the counter stood at', () => {
    fc.assert(
      fc.property(count, fc.integer({ min: 0, max: 2 ** 40 }), elapsed, (before, more, ms) => {
        const rate = perSecond(growth(before, before + more), ms)
        // to a tenth; the double itself is that coarse beyond 2^53
        const exact = (more * 1_000) / ms
        expect(Math.abs((rate ?? Number.NaN) - exact)).toBeLessThanOrEqual(0.051 + exact * 1e-15)
      }),
    )
  })

  it('is never negative, and never a number that is not finite', () => {
    const anything = fc.oneof(count, fc.double(), fc.constant(undefined))
    fc.assert(
      fc.property(anything, anything, fc.double(), (before, now, ms) => {
        const rate = perSecond(growth(before, now), ms)
        expect(rate === null || (rate >= 0 && Number.isFinite(rate))).toBe(true)
      }),
    )
  })

  it('is null at a reset, however far the counter fell, and right again after it', () => {
    fc.assert(
      fc.property(count, fc.integer({ min: 1, max: 2 ** 40 }), fc.nat(), (low, fall, more) => {
        expect(perSecond(growth(low + fall, low), 1_000)).toBeNull()
        expect(perSecond(growth(low, low + more), 1_000)).toBe(more)
      }),
    )
  })

  it('is null where a counter of 32 bits wrapped: it cannot be told from a reset', () => {
    expect(growth(4_294_960_000, 42_704)).toBeNull()
  })

  it.each([
    ['the first sample', undefined, 5, 1_000],
    ['a counter that the kernel no longer has', 5, Number.NaN, 1_000],
    ['a counter that the kernel did not have', Number.NaN, 5, 1_000],
    ['no time passed', 5, 6, 0],
    ['time that ran backwards', 5, 6, -1],
    ['an unknown time', 5, 6, Number.NaN],
  ])('is null for %s', (_, before, now, ms) => {
    expect(perSecond(growth(before, now), ms)).toBeNull()
  })

  it('is 0, not null, where nothing happened', () => {
    expect(perSecond(growth(7, 7), 5_000)).toBe(0)
  })
})

describe('a sum of what is known', () => {
  it.each([
    [[], null],
    [[null, null], null],
    [[null, 0], 0],
    [[1, null, 2], 3],
  ])('of %j is %j', (values, sum) => {
    expect(sumKnown(values)).toBe(sum)
  })
})

describe('percent', () => {
  it.each([
    [1, 3, 33.33],
    [5_100, 5_000, 100],
    [-1, 10, 0],
    [0, 10, 0],
    [0, 0, null],
    [Number.NaN, 10, null],
    [1, Number.NaN, null],
  ])('%d of %d is %j', (part, whole, value) => {
    expect(percent(part, whole)).toBe(value)
  })
})

it.each([
  [1.2345, 2, 1.23],
  [null, 2, null],
  [Number.POSITIVE_INFINITY, 2, null],
  [Number.NaN, 0, null],
])('%j rounded to %d places is %j', (value, places, expected) => {
  expect(rounded(value, places)).toBe(expected)
})

it('what is no number is not known', () => {
  expect([known(0), known(Number.NaN), known(undefined)]).toEqual([0, null, null])
})

it('each reading is given back with the next one, and how long ago it was', () => {
  const since = sinceLast<string>()
  expect([since('a', 100), since('b', 350), since('c', 351)]).toEqual([
    { before: undefined, elapsedMs: 0 },
    { before: 'a', elapsedMs: 250 },
    { before: 'b', elapsedMs: 1 },
  ])
})
