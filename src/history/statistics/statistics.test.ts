import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hedgesG } from './hedges.ts'
import { holm } from './holm.ts'
import { pairedT } from './paired.ts'
import { autocorrelation, effectiveN, sampleOf, type Sample } from './sample.ts'
import { twoSidedP, welch } from './welch.ts'

const NONE = Number.NaN
const windows = (values: readonly number[], at = values.map((_, i) => i)) => ({
  at: Float64Array.from(at),
  values: Float64Array.from(values),
  stepMs: 1,
})
const times = (count: number, value: number) => Array.from({ length: count }, () => value)
/** The plain sample: as many effective values as values. */
const independent = (values: readonly number[]): Sample => {
  const sample = sampleOf(windows(values))
  return { ...sample, effectiveN: sample.n }
}

describe("Student's distribution", () => {
  // The quantiles of the usual table: degrees of freedom, and t for a two-sided p of 0.1, 0.05, 0.01, 0.001.
  it.each([
    [1, [6.314, 12.706, 63.657, 636.619]],
    [2, [2.92, 4.303, 9.925, 31.599]],
    [5, [2.015, 2.571, 4.032, 6.869]],
    [10, [1.812, 2.228, 3.169, 4.587]],
    [30, [1.697, 2.042, 2.75, 3.646]],
    [120, [1.658, 1.98, 2.617, 3.373]],
  ])('has the quantiles of the table at %d degrees of freedom', (freedom, quantiles) => {
    const ps = [0.1, 0.05, 0.01, 0.001]
    quantiles.forEach((t, index) => {
      const p = ps[index] ?? NONE
      // The table has three decimals: the p of its neighbours holds the p of the table between them.
      expect(twoSidedP(t + 0.0006, freedom)).toBeLessThan(p)
      expect(twoSidedP(t - 0.0006, freedom)).toBeGreaterThan(p)
    })
  })

  // Computed by SciPy 1.17 (2 * scipy.stats.t.sf): far tails and broken degrees of freedom.
  it.each([
    [2, 10, 0.07338803477074037],
    [0.5, 3.7, 0.6453356333199318],
    [5, 30, 2.32966854670078e-5],
    [8, 60, 4.900265147950212e-11],
    [12, 7.3, 4.55578522957055e-6],
    [40, 2.5, 1.419563429049338e-4],
    [20, 100, 9.994267861337003e-37],
    [2.576, 1e6, 9.99520677919708e-3],
  ])('gives P(|T| >= %d) at %d degrees of freedom', (t, freedom, p) => {
    expect(twoSidedP(t, freedom) / p).toBeCloseTo(1, 6)
    expect(twoSidedP(-t, freedom)).toBe(twoSidedP(t, freedom))
  })

  it('gives 1 where nothing differs', () => {
    expect(twoSidedP(0, 5)).toBe(1)
  })
})

// Student's sleep data (1908), as every statistics package shows it: p = 0.07939 by Welch's test, 0.002833 by the paired one.
const sleep = [
  [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2],
  [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
] as const

describe("Welch's test", () => {
  // The usual examples of unequal variances and sizes.
  const unequal = [
    [19.8, 20.4, 19.6, 17.8, 18.5, 18.9, 18.3, 18.9, 19.5, 22],
    [
      28.2, 26.6, 20.1, 23.3, 25.2, 22.1, 17.7, 27.6, 20.6, 13.7, 23.2, 17.5, 20.6, 18, 23.9, 21.6,
      24.3, 20.4, 24, 13.2,
    ],
  ] as const
  it.each([
    ['sleep', sleep, 0.0793941401873583],
    ['unequal variances', unequal, 0.03597227102979692],
  ])('gives the published p: %s', (_name, [a, b], p) => {
    expect(welch(independent(a), independent(b))).toBeCloseTo(p, 7)
    expect(welch(independent(b), independent(a))).toBeCloseTo(p, 7)
  })

  it('asks for more where the effective sizes are smaller', () => {
    const [a, b] = [independent(unequal[0]), independent(unequal[1])]
    const fewer = welch({ ...a, effectiveN: 4 }, { ...b, effectiveN: 6 })
    expect(fewer).toBeGreaterThan(welch(a, b))
  })

  it.each([
    ['equal and constant', [5, 5, 5], [5, 5, 5], 1],
    ['different and constant', [5, 5, 5], [6, 6, 6], 0],
    ['all zero', [0, 0, 0], [0, 0, 0], 1],
    [
      'as good as equal: the store rounds',
      [1 / 3, 1 / 3, 1 / 3],
      [0.3333333, 0.3333333, 0.3333333],
      1,
    ],
    ['constant, but for the last bit of their sum', [0.1, 0.1, 0.1], [0.1, 0.1], 1],
  ])('needs no variation: %s', (_name, a, b, p) => {
    expect(welch(independent(a), independent(b))).toBe(p)
  })
})

describe('the paired test', () => {
  const paired = (a: readonly number[], b: readonly number[], at?: readonly number[]) => {
    const { at: starts, values, stepMs } = windows(a, at?.slice())
    return pairedT({ at: starts, values, others: Float64Array.from(b), stepMs })
  }
  const apart = sleep[0].map((_, i) => i * 2)

  it('gives the published p', () => {
    // Windows with gaps between them have no neighbours, so that this is the textbook's test.
    expect(paired(...sleep, apart).pairs).toBe(10)
    expect(paired(...sleep, apart).p).toBeCloseTo(0.00283289, 9)
    expect(paired(sleep[1], sleep[0], apart).p).toBe(paired(...sleep, apart).p)
  })

  it('asks for more where the differences resemble their neighbours', () => {
    const [a, b] = [[5, 6, 7, 8, 9, 10, 11, 12], times(8, 0)]
    const gaps = a.map((_, i) => i * 2)
    expect(paired(a, b).p).toBeGreaterThan(paired(a, b, gaps).p * 10)
  })

  it('does not see what both periods share', () => {
    const rhythm = sleep[0].map((_, i) => 1_000 * Math.sin(i))
    const [a, b] = sleep.map((list) => list.map((value, i) => value + (rhythm[i] ?? NONE)))
    expect(paired(a ?? [], b ?? [], apart).p).toBeCloseTo(0.00283289, 9)
  })

  it('leaves out what only one period has', () => {
    const more = (list: readonly number[], extra: readonly number[]) => [...list, ...extra]
    const at = more(apart, [100, 102, 104])
    const a = more(sleep[0], [NONE, 7, NONE])
    expect(paired(a, more(sleep[1], [9, NONE, NONE]), at)).toEqual(paired(...sleep, apart))
    expect(paired([1, NONE], [NONE, 1]).pairs).toBe(0)
  })

  it.each([
    ['equal', [5, 6, 7], [5, 6, 7], 1],
    ['a tenth more, always', [6, 6, 6], [5, 5, 5], 0],
    ['a millionth apart: the store rounds', [1 / 3, 2 / 3, 1], [0.3333333, 0.6666667, 1], 1],
    ['all zero', [0, 0, 0], [0, 0, 0], 1],
  ])('needs no variation: %s', (_name, a, b, p) => {
    expect(paired(a, b).p).toBe(p)
  })
})

describe("Hedges' g", () => {
  it('is the difference in pooled deviations, corrected for small samples', () => {
    const a = independent([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2])
    const b = independent([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
    // d = -0.8322, times 1 - 3/71
    expect(hedgesG(a, b)).toBeCloseTo(-0.7970185, 7)
    expect(hedgesG(b, a)).toBeCloseTo(0.7970185, 7)
  })

  it.each([
    [[1, 1, 1], [1, 1, 1], 0],
    [[1, 1, 1], [2, 2, 2], null],
  ])('of %o and %o is %d', (a, b, g) => {
    expect(hedgesG(independent(a), independent(b))).toBe(g)
  })
})

describe('the effective sample size', () => {
  it.each([
    ['a straight line', [1, 2, 3, 4, 5], undefined, 0.4],
    ['back and forth', [1, 2, 1, 2, 1], undefined, 0],
    ['a constant', [3, 3, 3], undefined, 0],
    ['one value', [3], undefined, 0],
    ['nothing', [], undefined, 0],
    // deviations -2 -1 | 0 | 1 2: pairs 2 and 2 of 10, two pairs where four could be
    ['gaps between windows', [1, 2, 3, 4, 5], [0, 1, 5, 9, 10], 0.8],
    ['a window without a value', [1, 2, NONE, 4, 5], undefined, (1.5 * 4) / 10],
    ['no two windows in a row', [1, 5, 9], [0, 2, 4], 0],
  ])('uses the autocorrelation of %s', (_name, values, at, expected) => {
    const list = windows(values, at)
    const known = values.filter((value) => !Number.isNaN(value))
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length
    expect(autocorrelation(list, mean)).toBeCloseTo(expected, 12)
  })

  it('never takes it for more than 0.99', () => {
    const rising = windows(Array.from({ length: 5_000 }, (_, i) => i))
    expect(autocorrelation(rising, 2_499.5)).toBe(0.99)
    expect(sampleOf(rising).effectiveN).toBeCloseTo((5_000 * 0.01) / 1.99, 9)
  })

  it.each([
    [100, 0, 100],
    [100, 0.5, 100 / 3],
    [8, 0.99, 2],
    [1, 0, 2],
  ])('of %d values with r = %d is %d', (n, r, expected) => {
    expect(effectiveN(n, r)).toBeCloseTo(expected, 12)
  })

  it('leaves missing values out of everything', () => {
    expect(sampleOf(windows([1, NONE, 3]))).toEqual({ n: 2, mean: 2, variance: 2, effectiveN: 2 })
  })
})

describe("Holm's procedure", () => {
  it.each([
    // The textbook's four at 0.05: 0.005 <= 0.0125 and 0.01 <= 0.0167, then 0.03 > 0.025 ends it.
    [[0.01, 0.04, 0.03, 0.005], 0.05, [true, false, false, true]],
    [[0.01], 0.01, [true]],
    [[0.0101], 0.01, [false]],
    [[0.005, 0.01], 0.01, [true, true]],
    [[0.0051, 0.0051], 0.01, [false, false]],
    // What fails ends it, though the last one alone would pass.
    [[0.0001, 0.006, 0.009], 0.01, [true, false, false]],
    [[0, 1, NONE], 0.01, [true, false, false]],
    [[], 0.01, []],
    // What is no test takes nothing from the others.
    [[null, 0.004, null, 0.006], 0.01, [null, true, null, true]],
    [[null], 0.01, [null]],
  ])('finds in %o at %d: %o', (ps, alpha, expected) => {
    expect(holm(ps, alpha)).toEqual(expected)
  })

  it('finds what the definition finds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 0.02, noNaN: true }), { maxLength: 8 }),
        (ps) => {
          const sorted = ps.toSorted((a, b) => a - b)
          const passing = sorted.findIndex((p, i) => p > 0.01 / (ps.length - i))
          const least = sorted[passing] ?? Infinity
          expect(holm(ps, 0.01)).toEqual(ps.map((p) => p < least))
        },
      ),
      { seed: 2 },
    )
  })
})
