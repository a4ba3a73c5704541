import { expect, it } from 'vitest'
import { pageBytes } from './page-size.ts'

const vector = (word: 4 | 8, order: 'LE' | 'BE', pairs: readonly (readonly [number, number])[]) => {
  const bytes = Buffer.alloc(pairs.length * 2 * word)
  pairs.flat().forEach((value, index) => {
    if (word === 8 && order === 'LE') bytes.writeBigUInt64LE(BigInt(value), index * 8)
    else if (word === 8) bytes.writeBigUInt64BE(BigInt(value), index * 8)
    else if (order === 'LE') bytes.writeUInt32LE(value, index * 4)
    else bytes.writeUInt32BE(value, index * 4)
  })
  return bytes
}

it.each([
  [8, 'LE', 4_096],
  [8, 'LE', 65_536],
  [8, 'BE', 4_096],
  [4, 'LE', 4_096],
  [4, 'BE', 16_384],
] as const)('words of %d bytes, %s: a page has %d bytes', (word, order, page) => {
  // 33 and 16 come first on a real machine, 0 ends the list
  const auxiliary = vector(word, order, [
    [33, 6],
    [16, 9],
    [6, page],
    [17, 100],
    [0, 0],
  ])
  expect(pageBytes(auxiliary, word, order)).toBe(page)
})

it('a page is taken to have 4096 bytes where the kernel does not say', () => {
  expect(
    pageBytes(
      vector(8, 'LE', [
        [33, 6],
        [0, 0],
      ]),
      8,
      'LE',
    ),
  ).toBe(4_096)
  expect(pageBytes(Buffer.from([6, 0, 0]), 8, 'LE')).toBe(4_096)
})

it('a page of this machine is a power of two of at least 4 KiB', () => {
  expect(Math.log2(pageBytes()) % 1).toBe(0)
  expect(pageBytes()).toBeGreaterThanOrEqual(4_096)
})
