/** What the tests need of a list of window means. */
export type Sample = {
  readonly n: number
  readonly mean: number
  /** With n - 1. */
  readonly variance: number
  /** How many independent values the list is worth. */
  readonly effectiveN: number
}

/** Values of windows, in time order; NaN is "no value". `at` are their starts in milliseconds, `stepMs` apart where contiguous. */
export type Windows = {
  readonly at: Float64Array
  readonly values: Float64Array
  readonly stepMs: number
}

/** An autocorrelation is never taken for more than this. */
const MOST_CORRELATION = 0.99

/** The figures of a list of window means. Without any value the mean is NaN, with one the variance is. */
export const sampleOf = (windows: Windows): Sample => {
  let n = 0
  let sum = 0
  for (const value of windows.values)
    if (!Number.isNaN(value)) {
      n += 1
      sum += value
    }
  const mean = sum / n
  let squares = 0
  for (const value of windows.values) if (!Number.isNaN(value)) squares += (value - mean) ** 2
  const variance = squares / (n - 1)
  return { n, mean, variance, effectiveN: effectiveN(n, autocorrelation(windows, mean)) }
}

/**
 * Lag-1 autocorrelation over the pairs of contiguous windows, clamped to 0..0.99; 0 where nothing varies. A gap breaks
 * the chain: the windows on its two sides are no pair.
 */
export const autocorrelation = ({ at, values, stepMs }: Windows, mean: number): number => {
  let n = 0
  let squares = 0
  let pairs = 0
  let products = 0
  for (let i = 0; i < values.length; i++) {
    const here = (values[i] ?? Number.NaN) - mean
    if (Number.isNaN(here)) continue
    n += 1
    squares += here * here
    const next = (values[i + 1] ?? Number.NaN) - mean
    if (Number.isNaN(next) || (at[i + 1] ?? 0) - (at[i] ?? 0) !== stepMs) continue
    pairs += 1
    products += here * next
  }
  if (pairs === 0 || squares === 0) return 0
  // Without a gap there is one pair less than values, and this is the usual estimate.
  const r = (products / squares) * ((n - 1) / pairs)
  return Math.min(MOST_CORRELATION, Math.max(0, r))
}

/** n(1-r)/(1+r), at least 2: neighbours that resemble each other tell less. */
export const effectiveN = (n: number, r: number): number => Math.max(2, (n * (1 - r)) / (1 + r))

/** Stored means are rounded to 7 significant digits: what differs by less does not differ. */
const EQUAL_WITHIN = 1e-6

type WithMean = Pick<Sample, 'mean'>
export const sameMeans = (a: WithMean, b: WithMean): boolean =>
  Math.abs(a.mean - b.mean) <= EQUAL_WITHIN * Math.max(Math.abs(a.mean), Math.abs(b.mean))
