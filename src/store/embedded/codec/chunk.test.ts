import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Column } from '../../range-query.ts'
import { BrokenChunk } from './bytes.ts'
import type { Rows } from '../../rows.ts'
import { openChunk } from './chunk.ts'
import { encodeChunk } from './encode-chunk.ts'
import { sevenDigits } from './seven-digits.ts'

/** Floats of every kind: what meters give, and everything else that is finite. */
const finite = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -1000, max: 1000 }).map((whole) => whole / 100),
  fc.integer({ min: 0, max: 2 ** 40 }).map((pages) => pages * 4096),
  fc.constantFrom(
    0,
    -0,
    1,
    2 ** 53,
    2 ** 53 - 1,
    -(2 ** 53) - 2,
    2 ** 63,
    Number.MAX_VALUE,
    -Number.MAX_VALUE,
    Number.MIN_VALUE,
    -Number.MIN_VALUE,
    1e-310,
    0.1,
    0.30000000000000004,
  ),
)
const NONE = Number.NaN
const values = (rows: number) =>
  fc.oneof(
    fc.array(finite, { minLength: rows, maxLength: rows }),
    fc.array(fc.option(finite, { nil: NONE }), { minLength: rows, maxLength: rows }),
    finite.map((value) => Array<number>(rows).fill(value)),
    // A slope and a saw: differences are shorter than the numbers.
    fc
      .tuple(fc.integer(), fc.integer({ min: 1, max: 9 }))
      .map(([start, step]) => Array.from({ length: rows }, (_, i) => start + i * step + (i % 3))),
  )
const at = fc
  .tuple(
    fc.integer({ min: -9_223_372_036_854, max: 9_223_372_036_000 }),
    fc.oneof(
      fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 0, maxLength: 40 }),
      fc.integer({ min: 0, max: 40 }).map((more) => Array<number>(more).fill(5_000)),
    ),
  )
  .map(([first, steps]) => {
    let time = first
    return Float64Array.from([first, ...steps.map((step) => (time += step))])
  })
const rawColumn = (rows: number) =>
  values(rows).map((list): Column => ({ value: Float64Array.from(list) }))
const meanColumn = (rows: number) =>
  fc
    .tuple(
      values(rows),
      fc.array(fc.integer({ min: 1, max: 720 }), { minLength: rows, maxLength: rows }),
      fc.boolean(),
    )
    .map(([sums, counts, rounded]): Column => {
      const mean = (i: number) => (sums[i] ?? NONE) / (counts[i] ?? 1)
      const where = (f: (i: number) => number) =>
        Float64Array.from(sums, (sum, i) => (Number.isNaN(sum) ? NONE : f(i)))
      return {
        value: where((i) => (rounded ? sevenDigits(mean(i)) : mean(i))),
        min: where((i) => mean(i) - 1),
        max: where((i) => mean(i)),
        n: where((i) => counts[i] ?? 1),
      }
    })
const rowsOf = (column: (rows: number) => fc.Arbitrary<Column>): fc.Arbitrary<Rows> =>
  at.chain((times) =>
    fc.record({
      at: fc.constant(times),
      columns: fc.array(fc.option(column(times.length), { nil: undefined }), { maxLength: 5 }),
    }),
  )

const hasValues = (column: Column | undefined): column is Column =>
  column?.value.some((value) => !Number.isNaN(value)) ?? false

/** Bits, so that -0 and 0 differ and NaN equals itself. */
const bits = (numbers: Float64Array | undefined) =>
  numbers === undefined ? undefined : Array.from(new BigUint64Array(numbers.slice().buffer))
const bitsOf = (column: Column | undefined) =>
  column && [bits(column.value), bits(column.min), bits(column.max), bits(column.n)]

const expectSame = (rows: Rows) => {
  const { main, spread } = encodeChunk(rows)
  const opened = openChunk(main, spread)
  expect(bits(opened.at)).toEqual(bits(rows.at))
  expect(opened.fields).toBe(rows.columns.length)
  rows.columns.forEach((column, position) =>
    expect(bitsOf(opened.column(position))).toEqual(bitsOf(hasValues(column) ? column : undefined)),
  )
}

describe('a chunk', () => {
  it('gives every finite number back to the bit, and holes where there was none', () => {
    fc.assert(fc.property(rowsOf(rawColumn), expectSame), { numRuns: 400 })
  })

  it('gives means with their minima, maxima and counts back to the bit', () => {
    fc.assert(fc.property(rowsOf(meanColumn), expectSame), { numRuns: 400 })
  })

  it('opens without its spread, and then has no minima and maxima', () => {
    const mean = Float64Array.of(1.5, 2.5)
    const n = Float64Array.of(2, 2)
    const { main } = encodeChunk({
      at: Float64Array.of(0, 60_000),
      columns: [{ value: mean, min: mean, max: mean, n }],
    })
    expect(openChunk(main).column(0)).toEqual({ value: mean, n })
  })

  it('has nothing at a position that it does not know', () => {
    const { main } = encodeChunk({ at: Float64Array.of(0), columns: [] })
    expect(openChunk(main).column(7)).toBeUndefined()
  })

  it.each([
    ['no rows', { at: new Float64Array(0), columns: [] }],
    ['times that do not ascend', { at: Float64Array.of(5, 5), columns: [] }],
    ['a time with a fraction', { at: Float64Array.of(0.5), columns: [] }],
    [
      'a mean without its minimum',
      {
        at: Float64Array.of(0),
        columns: [{ value: Float64Array.of(1), min: Float64Array.of(NONE) }],
      },
    ],
  ])('is not made of %s', (_, rows) => {
    expect(() => encodeChunk(rows)).toThrow(Error)
  })

  it('never crashes on bytes that are not a chunk, and says what they are', () => {
    const read = (main: Uint8Array, spread?: Uint8Array) => {
      try {
        const chunk = openChunk(main, spread)
        for (let position = 0; position < Math.min(chunk.fields, 100); position++)
          chunk.column(position)
      } catch (error) {
        expect(error).toBeInstanceOf(BrokenChunk)
      }
    }
    const payload = (bytes: Uint8Array) => Uint8Array.of(1, ...deflateRawSync(bytes))
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 100 }), (a, b) => {
        read(a)
        read(payload(a))
        read(payload(a), payload(b))
      }),
      { numRuns: 500 },
    )
    const good = encodeChunk({
      at: Float64Array.of(0, 1, 5),
      columns: [{ value: Float64Array.of(1.25, NONE, 3) }, { value: Float64Array.of(1, 2, 1e300) }],
    })
    for (let i = 0; i < good.main.length; i++) {
      read(good.main.subarray(0, i))
      for (const flip of [1, 128, 255]) {
        const damaged = good.main.slice()
        damaged[i] = (damaged[i] ?? 0) ^ flip
        read(damaged)
      }
    }
  })

  it.each([
    ['a newer version', Uint8Array.of(3, 0), 'version 3 is unknown'],
    ['nothing', Uint8Array.of(), 'version missing is unknown'],
    ['no deflate stream', Uint8Array.of(1, 255, 255), 'it cannot be inflated'],
    [
      'a bomb',
      Uint8Array.of(1, ...deflateRawSync(new Uint8Array(65 * 1024 * 1024))),
      'it cannot be inflated',
    ],
    [
      'rows that would fill the memory',
      Uint8Array.of(1, ...deflateRawSync(Uint8Array.of(255, 255, 255, 255, 15, 0))),
      '4294967295 rows',
    ],
  ])('refuses %s', (_, blob, why) => {
    expect(() => openChunk(blob)).toThrow(new BrokenChunk(why))
  })
})

describe('seven digits', () => {
  it('are as good as toPrecision, and the same when rounded again', () => {
    fc.assert(
      fc.property(finite, (value) => {
        const rounded = sevenDigits(value)
        expect(Math.abs(rounded - value)).toBeLessThanOrEqual(
          Math.max(Math.abs(value) * 5.0001e-7, Number.MIN_VALUE),
        )
        expect(sevenDigits(rounded)).toBe(rounded)
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    [100 / 3, 33.33333],
    [-2 / 3, -0.6666667],
    [8_123_456_789.4, 8_123_457_000],
    [9.99999999, 10],
    [0, 0],
    [12, 12],
    [1e-7 / 3, 3.333333e-8],
  ])('of %d are %d', (value, rounded) => {
    expect(sevenDigits(value)).toBe(rounded)
  })
})
