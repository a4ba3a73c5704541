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
