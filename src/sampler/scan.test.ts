import { describe, expect, it } from 'vitest'
import { after, numberAfter, scan } from './scan.ts'

describe('scan', () => {
  it.each([
    ['42', 42],
    ['  \t 7 8', 7],
    ['-1', -1],
    ['3.04', 3.04],
    ['0.07', 0.07],
    ['864000.50 1', 864_000.5],
    ['12kB', 12],
    ['9223372036854775807', 9_223_372_036_854_775_807n],
    ['18446744073709551615', 18_446_744_073_709_551_615n],
  ])('the number in %j is %d', (text, value) => {
    expect(scan(text).number()).toBe(Number(value))
  })

  it.each([[''], ['   '], ['\n5'], ['kB'], ['-'], ['-x'], ['.5']])(
    'there is no number at %j',
    (text) => {
      const line = scan(text)
      expect(line.number()).toBeNaN()
      // nor has it moved on: what stands there is still there for `word`
      expect(line.word()).toBe(text.trim().split('\n')[0] === '5' ? '' : text.trim())
    },
  )

  it('walks over words and numbers of a line, and not beyond its end', () => {
    const line = scan('  8       0 sda 5000\n  8       1 sda1 4900\n')
    expect([line.number(), line.number(), line.word(), line.number(), line.number()]).toEqual([
      8,
      0,
      'sda',
      5_000,
      Number.NaN,
    ])
    expect(line.word()).toBe('')
    expect(line.nextLine()).toBe(true)
    expect([line.number(), line.number(), line.word()]).toEqual([8, 1, 'sda1'])
    expect(line.nextLine()).toBe(false)
  })
})

describe('a label', () => {
  const text = 'MemTotal:  100 kB\nMemFree:    40 kB\nXMemFree: 7\nEmpty:\n'

  it.each([
    ['MemTotal:', 100],
    ['MemFree:', 40],
    ['XMemFree:', 7],
    ['Empty:', Number.NaN],
    ['Free:', Number.NaN],
    ['Absent:', Number.NaN],
  ])('%s is followed by %d, and found at the start of a line only', (label, value) => {
    expect(numberAfter(text, label)).toBe(value)
  })

  it('says where the text goes on', () => {
    expect([after(text, 'MemTotal:'), after(text, 'Total:')]).toEqual([9, -1])
  })
})
