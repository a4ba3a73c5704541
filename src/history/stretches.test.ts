import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { intersect, join, stretch, subtract, widen, type Stretches } from './stretches.ts'

const END = 30
const stretches = fc.array(fc.tuple(fc.nat(END), fc.nat(END)), { maxLength: 5 }).map((pairs) =>
  join(
    pairs.flatMap(([a, b]) => stretch(a, b)),
    9,
  ),
)
const members = (ranges: Stretches): readonly number[] =>
  Array.from({ length: END + 10 }, (_, i) => i).filter((i) =>
    ranges.some(({ from, to }) => from <= i && i < to),
  )

describe('lists of ranges', () => {
  it('meet and leave out as sets do', () => {
    fc.assert(
      fc.property(stretches, stretches, (a, b) => {
        const inB = new Set(members(b))
        expect(members(intersect(a, b))).toEqual(members(a).filter((i) => inB.has(i)))
        expect(members(subtract(a, b))).toEqual(members(a).filter((i) => !inB.has(i)))
      }),
      { seed: 3 },
    )
  })

  it.each([
    [1, [[0, 21]]],
    [
      2,
      [
        [0, 10],
        [20, 21],
      ],
    ],
    [
      3,
      [
        [0, 4],
        [9, 10],
        [20, 21],
      ],
    ],
    [
      4,
      [
        [0, 1],
        [3, 4],
        [9, 10],
        [20, 21],
      ],
    ],
  ])('are joined over their shortest gaps until %d are left', (most, expected) => {
    const four = [stretch(20, 21), stretch(0, 1), stretch(3, 4), stretch(9, 10)].flat()
    expect(join(four, most).map(({ from, to }) => [from, to])).toEqual(expected)
  })

  it('are joined where they touch or overlap', () => {
    expect(join([stretch(0, 5), stretch(5, 6), stretch(3, 4), stretch(8, 9)].flat(), 9)).toEqual([
      { from: 0, to: 6 },
      { from: 8, to: 9 },
    ])
    expect(join([], 3)).toEqual([])
  })

  it('are widened to whole windows', () => {
    expect(widen(stretch(7, 11), 5)).toEqual([{ from: 5, to: 15 }])
    expect(widen(stretch(5, 10), 5)).toEqual([{ from: 5, to: 10 }])
  })
})
