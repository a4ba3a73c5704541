import type { Fold } from '../catalog/metric.ts'
import type { Column } from './range-query.ts'
import type { Parts, Rows } from './rows.ts'

/** Folds rows that come in time order into epoch-aligned windows, labelled by their start. */
export type Folder = {
  add(rows: Rows): void
  /** The windows that have any row, ascending. */
  finish(): Rows
}

/** The windows of a column while it is being folded; NaN: nothing yet. */
type Sums = {
  readonly value: number[]
  readonly n: number[]
  readonly min: number[]
  readonly max: number[]
  /** Windows whose sum is beyond the largest float: kept in units of 2^64. */
  readonly large: Set<number>
}

const UNIT = 2 ** 64

/**
 * `folds`: of the columns of the rows, in their order. Means come with their count, with `spread` also min and max;
 * `round` is for stores that keep means shorter than a float.
 */
export const createFolder = (
  windowMs: number,
  folds: readonly Fold[],
  parts: Parts,
  round: (mean: number) => number = (mean) => mean,
): Folder => {
  const at: number[] = []
  const sums = folds.map((): Sums => ({
    value: [],
    n: [],
    min: [],
    max: [],
    large: new Set<number>(),
  }))
  return {
    add: (rows) => {
      const runs = runsOf(rows.at, windowMs, at)
      folds.forEach((fold, i) => {
        const column = rows.columns[i]
        const into = sums[i]
        if (column === undefined || into === undefined) return
        for (const { window, first, last } of runs)
          foldRun(fold, column, first, last, into, window, parts)
      })
    },
    finish: () => ({
      at: Float64Array.from(at),
      columns: folds.map((fold, i) => finished(fold, sums[i], at.length, parts, round)),
    }),
  }
}

type Run = { readonly window: number; readonly first: number; readonly last: number }

/** The stretches of rows that share a window; new windows are added to `windows`. */
const runsOf = (at: Float64Array, windowMs: number, windows: number[]): Run[] => {
  const runs: Run[] = []
  let first = 0
  while (first < at.length) {
    const start = Math.floor((at[first] ?? 0) / windowMs) * windowMs
    const end = start + windowMs
    let last = first + 1
    while (last < at.length && (at[last] ?? Infinity) < end) last += 1
    if (windows.at(-1) !== start) windows.push(start)
    runs.push({ window: windows.length - 1, first, last })
    first = last
  }
  return runs
}

const foldRun = (
  fold: Fold,
  column: Column,
  first: number,
  last: number,
  into: Sums,
  window: number,
  parts: Parts,
) => {
  const { value } = column
  switch (fold) {
    case 'last':
      for (let i = last - 1; i >= first; i--) {
        const one = value[i] ?? Number.NaN
        if (Number.isNaN(one)) continue
        into.value[window] = one
        return
      }
      return
    case 'max': {
      const most = extreme(value, first, last, Math.max)
      const before = into.value[window] ?? Number.NaN
      if (!Number.isNaN(most))
        into.value[window] = Number.isNaN(before) ? most : Math.max(before, most)
      return
    }
    case 'sum':
      addUp(value, undefined, first, last, into, window)
      return
    case 'mean': {
      addUp(value, column.n, first, last, into, window)
      if (!parts.spread) return
      const low = extreme(column.min ?? value, first, last, Math.min)
      const high = extreme(column.max ?? value, first, last, Math.max)
      const lowBefore = into.min[window] ?? Number.NaN
      const highBefore = into.max[window] ?? Number.NaN
      if (!Number.isNaN(low))
        into.min[window] = Number.isNaN(lowBefore) ? low : Math.min(lowBefore, low)
      if (!Number.isNaN(high))
        into.max[window] = Number.isNaN(highBefore) ? high : Math.max(highBefore, high)
      return
    }
  }
}

const extreme = (
  values: Float64Array,
  first: number,
  last: number,
  better: (a: number, b: number) => number,
): number => {
  let best = Number.NaN
  for (let i = first; i < last; i++) {
    const one = values[i] ?? Number.NaN
    if (Number.isNaN(one)) continue
    best = Number.isNaN(best) ? one : better(best, one)
  }
  return best
}

const addUp = (
  value: Float64Array,
  weights: Float64Array | undefined,
  first: number,
  last: number,
  into: Sums,
  window: number,
) => {
  const before = into.value[window] ?? 0
  const unit = into.large.has(window) ? UNIT : 1
  let sum = Number.isNaN(before) ? 0 : before
  let n = 0
  for (let i = first; i < last; i++) {
    const one = value[i] ?? Number.NaN
    if (Number.isNaN(one)) continue
    const weight = weights === undefined ? 1 : (weights[i] ?? 1)
    sum += (one / unit) * weight
    n += weight
  }
  if (n === 0) return
  if (!Number.isFinite(sum)) {
    into.large.add(window)
    into.value[window] = (Number.isNaN(before) ? 0 : before) / UNIT
    addUp(value, weights, first, last, into, window)
    return
  }
  into.value[window] = sum
  into.n[window] = (into.n[window] ?? 0) + n
}

const finished = (
  fold: Fold,
  sums: Sums | undefined,
  windows: number,
  parts: Parts,
  round: (mean: number) => number,
): Column | undefined => {
  if (sums === undefined || sums.value.length === 0) return undefined
  const of = (numbers: readonly number[]) =>
    Float64Array.from({ length: windows }, (_, i) => numbers[i] ?? Number.NaN)
  const value = of(sums.value)
  if (fold === 'mean')
    for (let i = 0; i < windows; i++) {
      const mean = (value[i] ?? 0) / (sums.n[i] ?? 1)
      value[i] = round(sums.large.has(i) ? mean * UNIT : mean)
    }
  else if (fold === 'sum')
    for (const i of sums.large)
      value[i] =
        Math.sign(value[i] ?? 0) * Math.min(Math.abs(value[i] ?? 0) * UNIT, Number.MAX_VALUE)
  if (fold !== 'mean') return { value }
  const n = of(sums.n)
  return parts.spread ? { value, min: of(sums.min), max: of(sums.max), n } : { value, n }
}
