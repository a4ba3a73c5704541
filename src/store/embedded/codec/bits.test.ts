import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bestShape, bitLength, MOST_BITS, packBits, unpackBits, ZEROS_BEHIND } from './bits.ts'
import { BrokenChunk } from './bytes.ts'

/** Whole numbers of every length, mostly small ones, with and without bursts. */
const code = fc.oneof(
  fc.integer({ min: 0, max: 300 }),
  fc.integer({ min: 0, max: 2 ** 31 }),
  fc.constantFrom(0, 1, 2 ** 24, 2 ** 25 - 1, 2 ** 32, 2 ** 52, 2 ** 53 - 1),
)
const codes = fc.oneof(
  fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 60 }),
  fc.array(code, { minLength: 1, maxLength: 60 }),
)

const viewOf = (bytes: Uint8Array, before = 0): DataView => {
  const followed = new Uint8Array(before + bytes.length + ZEROS_BEHIND)
  followed.set(bytes, before)
  return new DataView(followed.buffer)
}

const shapeOf = (numbers: readonly number[]) => {
  const lengths = new Uint32Array(MOST_BITS + 1)
  for (const one of numbers) lengths[bitLength(one)] = (lengths[bitLength(one)] ?? 0) + 1
  const sum = numbers.reduce((total, one) => total + one, 0)
  return bestShape(numbers.length, sum, lengths)
}

describe('bits', () => {
  it('give every number back, wherever they lie', () => {
    fc.assert(
      fc.property(codes, fc.nat(3), (numbers, before) => {
        const { shape } = shapeOf(numbers)
        const bytes = packBits(Float64Array.from(numbers), shape)
        const view = viewOf(bytes, before)
        expect([...unpackBits(view, before, before + bytes.length, numbers.length, shape)]).toEqual(
          numbers,
        )
      }),
      { numRuns: 1000 },
    )
  })

  it.each([
    ['noise', Array.from({ length: 100 }, (_, i) => (i * i * 37) % 401), false],
    ['bursts', Array.from({ length: 100 }, (_, i) => (i % 20 === 0 ? 100_000 : i % 3)), true],
  ])('have the shape of %s', (_, numbers, exponential) => {
    const { shape, bits } = shapeOf(numbers)
    expect(shape.exponential).toBe(exponential)
    const packed = packBits(Float64Array.from(numbers), shape).length * 8
    // The price is an estimate, good to a tenth.
    expect(Math.abs(packed - bits)).toBeLessThan(bits / 10)
  })

  it.each([
    ['that end too early', Uint8Array.of(0x80), { k: 9, exponential: false }, 1],
    ['that are fewer', Uint8Array.of(0xff), { k: 0, exponential: false }, 9],
    ['without an end', new Uint8Array(40), { k: 0, exponential: false }, 1],
    [
      'of a number too large',
      Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1, 255),
      { k: 0, exponential: true },
      1,
    ],
  ])('%s are refused', (_, bytes, shape, count) => {
    expect(() => unpackBits(viewOf(bytes), 0, bytes.length, count, shape)).toThrow(BrokenChunk)
  })
})
