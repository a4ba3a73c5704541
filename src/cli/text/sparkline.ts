const LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const

/** The time that a line is drawn over, and how long a window is, in milliseconds. */
export type SparkRange = {
  readonly from: number
  readonly to: number
  readonly windowMs: number
}

export type Mark = { readonly at: number; readonly value: number | null }

/**
 * A line of `width` characters over `from <= at < to`: each is the mean of the values that fall into its share of the time.
 * A value stands for the `windowMs` from its instant on. A share without values is a space, for a gap must look like one.
 * Scaled from the least to the greatest mean, or to `scale`.
 */
export const sparkline = (
  marks: readonly Mark[],
  range: SparkRange,
  width: number,
  scale?: { readonly min: number; readonly max: number },
): string => {
  const means = meansByShare(marks, range, width)
  const known = means.filter((mean) => mean !== undefined)
  if (known.length === 0) return ' '.repeat(width)
  const min = scale?.min ?? Math.min(...known)
  const max = scale?.max ?? Math.max(...known)
  return means.map((mean) => (mean === undefined ? ' ' : level(mean, min, max))).join('')
}

const meansByShare = (
  marks: readonly Mark[],
  { from, to, windowMs }: SparkRange,
  width: number,
): (number | undefined)[] => {
  const sums = Array.from({ length: width }, () => ({ sum: 0, n: 0 }))
  const share = Math.max(1, to - from) / width
  const shareAt = (at: number) => (at - from) / share
  for (const { at, value } of marks) {
    if (value === null || !Number.isFinite(value)) continue
    // the shares whose middle the window covers; a short window has one all the same
    const first = Math.ceil(shareAt(at) - 0.5)
    const last = Math.ceil(shareAt(at + windowMs) - 0.5) - 1
    const [begin, end] =
      last >= first
        ? [first, last]
        : [Math.floor(shareAt(at + windowMs / 2)), Math.floor(shareAt(at + windowMs / 2))]
    for (let slot = clamp(begin, width); slot <= clamp(end, width); slot++) {
      const sum = sums[slot]
      if (sum === undefined) continue
      sum.sum += value
      sum.n += 1
    }
  }
  return sums.map(({ sum, n }) => (n === 0 ? undefined : sum / n))
}

// edge windows are whole: they begin before the range or end after it
const clamp = (slot: number, width: number): number => Math.min(width - 1, Math.max(0, slot))

const level = (value: number, min: number, max: number): string => {
  // a flat line stands at the bottom: it has no ups and downs to show
  const part = max > min ? (value - min) / (max - min) : 0
  return LEVELS[Math.min(LEVELS.length - 1, Math.max(0, Math.floor(part * LEVELS.length)))] ?? ' '
}
