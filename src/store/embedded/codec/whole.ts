import { sevenDigits } from './seven-digits.ts'

const MOST_DECIMALS = 5
export const SCALES = [1, 10, 100, 1_000, 10_000, 100_000]
/** Whole numbers stay below this, so that a difference, and its zigzag, is exact. */
const WHOLE_LIMIT = 2 ** 51

/** Numbers as whole ones: each is whole / 10^decimals, or that divided by its count. */
export type Wholes = { readonly decimals: number; readonly wholes: Float64Array }

/** Undefined: they have more decimals, or are too large. */
export const asWholes = (values: Float64Array): Wholes | undefined => {
  const wholes = new Float64Array(values.length)
  for (let decimals = 0; decimals <= MOST_DECIMALS; decimals++) {
    const scale = SCALES[decimals] ?? 1
    let i = 0
    for (; i < values.length; i++) {
      const value = values[i] ?? 0
      const whole = Math.round(value * scale)
      if (whole / scale !== value || Math.abs(whole) >= WHOLE_LIMIT) break
      // -0 has no whole number.
      if (whole === 0 && Object.is(value, -0)) return undefined
      wholes[i] = whole
    }
    if (i === values.length) return { decimals, wholes }
  }
  return undefined
}

/** Means of seven digits as the sums behind them, which are shorter; undefined: they are none. */
export const asSums = (means: Float64Array, counts: Float64Array): Wholes | undefined => {
  const wholes = new Float64Array(means.length)
  for (let decimals = 0; decimals <= MOST_DECIMALS; decimals++) {
    const scale = SCALES[decimals] ?? 1
    let i = 0
    for (; i < means.length; i++) {
      const mean = means[i] ?? 0
      const count = counts[i] ?? 0
      const whole = Math.round(mean * count * scale)
      if (Math.abs(whole) >= WHOLE_LIMIT) return undefined
      if (!Object.is(sevenDigits(whole / scale / count), mean)) break
      if (whole === 0 && Object.is(mean, -0)) return undefined
      wholes[i] = whole
    }
    if (i === means.length) return { decimals, wholes }
  }
  return undefined
}

/** The largest number that divides all distances from the first one; 1 where all are the same. */
export const commonDivisor = (wholes: Float64Array): number => {
  const first = wholes[0] ?? 0
  let divisor = 0
  for (let i = 1; i < wholes.length && divisor !== 1; i++) {
    let [large, small] = [divisor, Math.abs((wholes[i] ?? 0) - first)]
    while (small !== 0) [large, small] = [small, large % small]
    divisor = large
  }
  return divisor === 0 ? 1 : divisor
}
