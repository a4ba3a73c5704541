import jstat from 'jstat'
import { sameMeans, type Sample } from './sample.ts'

/**
 * Two-sided p of Welch's t test with the effective sample sizes (Welch 1947; Satterthwaite's degrees of freedom). Two lists
 * that do not vary are equal (1) or not (0).
 */
export const welch = (a: Sample, b: Sample): number => {
  if (sameMeans(a, b)) return 1
  const [va, vb] = [a.variance / a.effectiveN, b.variance / b.effectiveN]
  if (va + vb === 0) return 0
  const t = (a.mean - b.mean) / Math.sqrt(va + vb)
  const freedom = (va + vb) ** 2 / (va ** 2 / (a.effectiveN - 1) + vb ** 2 / (b.effectiveN - 1))
  return twoSidedP(t, freedom)
}

/** P(|T| >= |t|) of Student's distribution. */
export const twoSidedP = (t: number, freedom: number): number =>
  Math.min(1, 2 * jstat.jStat.studentt.cdf(-Math.abs(t), freedom))
