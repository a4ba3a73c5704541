import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sevenDigits } from './seven-digits.ts'
import { finite } from './testing/finite.ts'

describe('seven digits', () => {
  it('are as good as toPrecision, and the same when rounded again', () => {
    fc.assert(
      fc.property(finite, (value) => {
        const rounded = sevenDigits(value)
        expect(Math.abs(rounded - value)).toBeLessThanOrEqual(
          Math.max(Math.abs(value) * 5.0001e-7, Number.MIN_VALUE),
        )
        expect(sevenDigits(rounded)).toBe(rounded)
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    [100 / 3, 33.33333],
    [-2 / 3, -0.6666667],
    [8_123_456_789.4, 8_123_457_000],
    [9.99999999, 10],
    [0, 0],
    [12, 12],
    [1e-7 / 3, 3.333333e-8],
  ])('of %d are %d', (value, rounded) => {
    expect(sevenDigits(value)).toBe(rounded)
  })
})
