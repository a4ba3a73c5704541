/** Times in Unix seconds and a column of values for each line; null: no value there. */
export type Columns = {
  readonly times: readonly number[]
  readonly values: readonly (readonly (number | null)[])[]
}

/** More than so many steps without a window is a gap, not a line. */
const GAP_STEPS = 2.5

/** With a hole wherever nothing was measured, so that no line is drawn over it. */
export const withGaps = ({ times, values }: Columns, stepSeconds: number): Columns => {
  const longest = GAP_STEPS * stepSeconds
  const isGap = (index: number) =>
    index > 0 && (times[index] ?? 0) - (times[index - 1] ?? 0) > longest
  if (!times.some((_, index) => isGap(index))) return { times, values }
  const spread = <T>(list: readonly T[], hole: (index: number) => T): T[] =>
    list.flatMap((one, index) => (isGap(index) ? [hole(index), one] : [one]))
  return {
    times: spread(times, (index) => (times[index - 1] ?? 0) + stepSeconds),
    values: values.map((column) => spread<number | null>(column, () => null)),
  }
}
