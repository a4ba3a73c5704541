import { instant, windowCeil, windowStart, type TimeRange } from '../points/instant.ts'

/** Pure arithmetic on lists of half-open ranges: ascending, disjoint, none empty. */
export type Stretches = readonly TimeRange[]

/** A range as a list: empty where it does not begin before it ends. Infinite ends are for `intersect` only. */
export const stretch = (from: number, to: number): Stretches =>
  from < to ? [{ from: from as TimeRange['from'], to: to as TimeRange['to'] }] : []

export const intersect = (a: Stretches, b: Stretches): Stretches =>
  a.flatMap((one) =>
    b.flatMap((other) => stretch(Math.max(one.from, other.from), Math.min(one.to, other.to))),
  )

export const subtract = (a: Stretches, b: Stretches): Stretches =>
  b.reduce<Stretches>(
    (left, hole) =>
      left.flatMap((one) => [
        ...stretch(one.from, Math.min(one.to, hole.from)),
        ...stretch(Math.max(one.from, hole.to), one.to),
      ]),
    a,
  )

/** Widens each to whole epoch-aligned windows. */
export const widen = (ranges: Stretches, windowMs: number): Stretches =>
  ranges.map(({ from, to }) => ({
    from: windowStart(from, windowMs),
    to: windowCeil(to, windowMs),
  }))

/** Joins neighbours, nearest first, until at most `most` are left; ranges that touch are always joined. */
export const join = (ranges: Stretches, most: number): Stretches => {
  const sorted = ranges.toSorted((a, b) => a.from - b.from)
  const gaps = sorted.slice(1).map((range, index) => range.from - (sorted[index]?.to ?? 0))
  const widest = gaps.toSorted((a, b) => b - a)
  const bound = Math.max(0, widest[most - 1] ?? 0)
  const joined: TimeRange[] = []
  for (const range of sorted) {
    const last = joined.at(-1)
    if (last === undefined || range.from - last.to > bound) joined.push(range)
    else joined.splice(-1, 1, { from: last.from, to: instant(Math.max(last.to, range.to)) })
  }
  return joined
}
