import { expect, it } from 'vitest'
import { sparkline } from './sparkline.ts'

const marks = (values: readonly (number | null)[]) => values.map((value, at) => ({ at, value }))

it.each([
  ['rises from the least to the most', [0, 1, 2, 3, 4, 5, 6, 7], 8, '▁▂▃▄▅▆▇█'],
  ['takes the mean of what falls into one character', [0, 4, 10, 12, 0, 0], 3, '▂█▁'],
  ['is flat at the bottom where nothing changes', [5, 5, 5], 3, '▁▁▁'],
  ['shows a gap as a gap', [1, null, null, 2], 4, '▁  █'],
  ['does not draw what is not finite', [1, Number.NaN, Infinity, 2], 4, '▁  █'],
  ['is blank where nothing is', [], 4, '    '],
  ['is blank where all is null', [null, null], 4, '    '],
])('%s', (_, values, width, line) => {
  expect(
    sparkline(marks(values), { from: 0, to: Math.max(1, values.length), windowMs: 1 }, width),
  ).toBe(line)
})

it('spreads over the time and not over the count', () => {
  const late = [
    { at: 90, value: 1 },
    { at: 95, value: 2 },
  ]
  expect(sparkline(late, { from: 0, to: 100, windowMs: 5 }, 10)).toBe('         ▁')
  expect(sparkline(late, { from: 90, to: 100, windowMs: 5 }, 2)).toBe('▁█')
})

it('keeps what lies on or beyond the ends, as whole edge windows do', () => {
  const beyond = [
    { at: -5, value: 1 },
    { at: 100, value: 2 },
  ]
  expect(sparkline(beyond, { from: 0, to: 100, windowMs: 5 }, 4)).toBe('▁  █')
})

it('can be drawn on a given scale, so that two lines compare', () => {
  const half = [{ at: 0, value: 50 }]
  expect(sparkline(half, { from: 0, to: 1, windowMs: 1 }, 1, { min: 0, max: 100 })).toBe('▅')
  expect(sparkline(half, { from: 0, to: 1, windowMs: 1 }, 1, { min: 60, max: 100 })).toBe('▁')
  expect(sparkline(half, { from: 0, to: 1, windowMs: 1 }, 1, { min: 0, max: 40 })).toBe('█')
})

it.each([
  ['as many characters as windows', 6, '▁▂▄▅▇█'],
  ['more characters than windows', 9, '▁▂▂▄▅▅▇██'],
  ['twice as many', 12, '▁▁▂▂▄▄▅▅▇▇██'],
  ['fewer', 3, '▁▅█'],
])('has no gaps where every window has a value: %s', (_, width, line) => {
  const windows = [0, 1, 2, 3, 4, 5].map((value) => ({ at: value * 10, value }))
  expect(sparkline(windows, { from: 0, to: 60, windowMs: 10 }, width)).toBe(line)
})

it('has none either where the range does not begin at a window', () => {
  const windows = Array.from({ length: 50 }, (_, index) => ({ at: index * 10, value: index }))
  for (let width = 1; width < 120; width++)
    expect(sparkline(windows, { from: 7, to: 487, windowMs: 10 }, width)).not.toContain(' ')
})

it('shows a missing window as a gap as long as it is', () => {
  const windows = [0, 1, 3].map((index) => ({ at: index * 10, value: 1 }))
  expect(sparkline(windows, { from: 0, to: 40, windowMs: 10 }, 8)).toBe('▁▁▁▁  ▁▁')
})
