import { sameMeans, sampleOf } from './sample.ts'
import { twoSidedP } from './welch.ts'

/** Corresponding windows of two periods, in time order; NaN is "no value". `at` are the starts of the first in milliseconds. */
export type PairedWindows = {
  readonly at: Float64Array
  readonly values: Float64Array
  readonly others: Float64Array
  readonly stepMs: number
}

/**
 * Student's paired t test (1908): how many pairs both periods have a value for, and the two-sided p that the mean of their
 * differences is 0, with the effective sample size of the differences. What both periods share, such as a rhythm, is in no
 * difference. Without variation they are equal (1) or not (0).
 */
export const pairedT = (windows: PairedWindows): { readonly pairs: number; readonly p: number } => {
  const { at, values, others, stepMs } = windows
  const differences = values.map((value, place) => value - (others[place] ?? Number.NaN))
  const { n, mean, variance, effectiveN } = sampleOf({ at, values: differences, stepMs })
  const meanOf = (side: Float64Array) => {
    let sum = 0
    for (let place = 0; place < side.length; place++)
      if (!Number.isNaN(differences[place])) sum += side[place] ?? 0
    return { mean: sum / n }
  }
  if (sameMeans(meanOf(values), meanOf(others))) return { pairs: n, p: 1 }
  if (variance === 0) return { pairs: n, p: 0 }
  return { pairs: n, p: twoSidedP(mean / Math.sqrt(variance / effectiveN), effectiveN - 1) }
}
