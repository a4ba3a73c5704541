import { quantileOfSorted } from '../../src/history/statistics/quantile.ts'

/** One figure of a bench, as it is printed: what was measured against what it has to reach, and by which method. */
export type BenchRow = {
  readonly figure: string
  /** With its unit, for a person: `0.31 ms CPU`. */
  readonly measured: string
  /** The bar, in the same unit: `<= 0.5 ms CPU`. */
  readonly target: string
  readonly ok: boolean
  /** How it was measured, in a sentence: load, rounds, what it is compared with. */
  readonly method: string
}

/** Node's options for a child of a bench: the sources run as the bundle has them. */
export const AS_BUILT = ['--import', new URL('as-built.js', import.meta.url).href]

/** Of values in any order, 0.95 for the p95; NaN of nothing, which meets no bar. */
export const quantile = (values: readonly number[], q: number): number =>
  quantileOfSorted(Float64Array.from(values).toSorted(), q)
