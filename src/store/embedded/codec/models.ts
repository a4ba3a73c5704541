import { unzigzag, zigzag } from './bytes.ts'

/**
 * What a whole number is told by: how far it is above the least of its column, from the one before it, or from a
 * running mean. Noise around a level that drifts is shortest as the last.
 */
export const MODELS = ['least', 'step', 'drift'] as const
export type Model = (typeof MODELS)[number]

/** By how much of what was missed before a number is expected: that makes a running mean. */
const SHARE = 1 / 8

/** Non-negative codes; the number is `origin + divisor * what the codes say`. */
export type Modelled = { readonly origin: number; readonly codes: Float64Array }

/** `divisor` divides all distances between the numbers. */
export const modelled = (wholes: Float64Array, divisor: number, model: Model): Modelled => {
  const codes = new Float64Array(wholes.length)
  const first = wholes[0] ?? 0
  switch (model) {
    case 'least': {
      let origin = first
      for (const whole of wholes) if (whole < origin) origin = whole
      for (let i = 0; i < wholes.length; i++) codes[i] = ((wholes[i] ?? 0) - origin) / divisor
      return { origin, codes }
    }
    case 'step': {
      let before = first
      for (let i = 0; i < wholes.length; i++) {
        const whole = wholes[i] ?? 0
        codes[i] = zigzag((whole - before) / divisor)
        before = whole
      }
      return { origin: first, codes }
    }
    case 'drift': {
      let sum = 0
      for (const whole of wholes) sum += whole - first
      const origin = first + Math.round(sum / wholes.length / divisor) * divisor
      let missed = 0
      for (let i = 0; i < wholes.length; i++) {
        const miss = ((wholes[i] ?? 0) - origin) / divisor - Math.floor(missed * SHARE)
        codes[i] = zigzag(miss)
        missed += miss
      }
      return { origin, codes }
    }
  }
}

/** The whole numbers again, in the place of the codes. */
export const restore = (
  codes: Float64Array,
  { origin, divisor, model }: { origin: number; divisor: number; model: Model },
) => {
  switch (model) {
    case 'least':
      if (origin === 0 && divisor === 1) return
      for (let i = 0; i < codes.length; i++) codes[i] = origin + (codes[i] ?? 0) * divisor
      return
    case 'step': {
      let above = 0
      for (let i = 0; i < codes.length; i++) {
        above += unzigzag(codes[i] ?? 0)
        codes[i] = origin + above * divisor
      }
      return
    }
    case 'drift': {
      let missed = 0
      for (let i = 0; i < codes.length; i++) {
        const miss = unzigzag(codes[i] ?? 0)
        codes[i] = origin + (miss + Math.floor(missed * SHARE)) * divisor
        missed += miss
      }
      return
    }
  }
}
