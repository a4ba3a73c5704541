import { describe, expect, it } from 'vitest'
import { HOUR, instant, MINUTE } from '../points/instant.ts'
import { countedRows } from './counted-rows.ts'

const T = Date.UTC(2026, 0, 20, 12)
const side = (start: number, length: number, starts: readonly number[]) => ({
  period: { start: instant(start), end: instant(start + length) },
  table: { at: Float64Array.from(starts), series: [] },
})
const every = (first: number, step: number, count: number) =>
  Array.from({ length: count }, (_, i) => first + i * step)
const rowsOf = (
  one: ReturnType<typeof side>,
  other: ReturnType<typeof side>,
  windowMs: number,
  now: number,
) => countedRows([one, other], windowMs, instant(now)).map(({ rows }) => rows)

describe('the windows that a summary counts', () => {
  it('start within the period: neither the one that reaches into it nor the one that starts at its end', () => {
    const one = side(T + 30_000, 3 * MINUTE, every(T, MINUTE, 4))
    const other = side(T - HOUR, 3 * MINUTE, every(T - HOUR, MINUTE, 4))
    expect(rowsOf(one, other, MINUTE, T + HOUR)).toEqual([
      [1, 2, 3],
      [0, 1, 2],
    ])
  })

  it('are finished in both periods', () => {
    const one = side(T, HOUR, every(T, 5 * MINUTE, 5))
    const other = side(T - HOUR, HOUR, every(T - HOUR, 5 * MINUTE, 12))
    const now = T + 23 * MINUTE
    expect(rowsOf(one, other, 5 * MINUTE, now)).toEqual([
      [0, 1, 2, 3],
      [0, 1, 2, 3],
    ])
    expect(rowsOf(other, one, 5 * MINUTE, now)).toEqual([
      [0, 1, 2, 3],
      [0, 1, 2, 3],
    ])
    expect(rowsOf(one, other, 5 * MINUTE, T + 25 * MINUTE)[0]).toEqual([0, 1, 2, 3, 4])
  })

  it('count by their place in the period, also where the periods lie differently to the seams', () => {
    // 12:20 .. 15:20 has 13, 14, 15 o'clock; 9:00 .. 12:00 has 9, 10, 11; the newest of the first runs until 16:00
    const one = side(T + 20 * MINUTE, 3 * HOUR, every(T, HOUR, 4))
    const other = side(T - 3 * HOUR, 3 * HOUR, every(T - 3 * HOUR, HOUR, 4))
    expect(rowsOf(one, other, HOUR, T + 3 * HOUR + 20 * MINUTE)).toEqual([
      [1, 2],
      [0, 1],
    ])
  })

  it.each([
    ['none finished', [T], every(T - 24 * HOUR, HOUR, 1), [[0], [0]]],
    ['none finished, nothing to compare with', [T], [], [[0], []]],
    ['no data', [], [], [[], []]],
    ['data only in the other period', [], every(T - 24 * HOUR, HOUR, 1), [[], [0]]],
  ])('are what there is: %s', (_name, starts, otherStarts, expected) => {
    const one = side(T - 30 * MINUTE, HOUR, starts)
    const other = side(T - 24.5 * HOUR, HOUR, otherStarts)
    expect(rowsOf(one, other, HOUR, T + 30 * MINUTE)).toEqual(expected)
  })

  it('are finished ones where there is one, though a gap lies before the newest', () => {
    const one = side(T, 4 * HOUR, [T, T + 3 * HOUR])
    const other = side(T - 24 * HOUR, 4 * HOUR, every(T - 24 * HOUR, HOUR, 4))
    expect(rowsOf(one, other, HOUR, T + 3.5 * HOUR)).toEqual([[0], [0, 1, 2]])
  })
})
