import { sameMeans, type Sample } from './sample.ts'

/**
 * Hedges' g (1981): the difference of the means in pooled standard deviations, with the correction for small samples
 * 1 - 3 / (4 (n1 + n2 - 2) - 1). 0 where nothing varies and nothing differs; null where a difference has no scale.
 */
export const hedgesG = (a: Sample, b: Sample): number | null => {
  const freedom = a.n + b.n - 2
  const pooled = ((a.n - 1) * a.variance + (b.n - 1) * b.variance) / freedom
  if (sameMeans(a, b)) return 0
  if (!(pooled > 0)) return null
  return ((a.mean - b.mean) / Math.sqrt(pooled)) * (1 - 3 / (4 * freedom - 1))
}
