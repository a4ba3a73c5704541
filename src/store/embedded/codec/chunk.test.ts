import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Column } from '../../range-query.ts'
import { BrokenChunk } from './bytes.ts'
import type { Rows } from '../../rows.ts'
import { openChunk } from './chunk.ts'
import { encodeChunk } from './encode-chunk.ts'
import { sevenDigits } from './seven-digits.ts'
import { bits, bitsOf } from './testing/bits-of.ts'
import { finite } from './testing/finite.ts'
import { FROZEN } from './testing/frozen-chunk.ts'

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

/** From 0 to 1, the same for the same number. */
const hash = (seed: number): number => {
  const wave = Math.sin(seed * 12.9898) * 43_758.5453
  return wave - Math.floor(wave)
}

/** As the store makes them: noise around a level, bursts, a slope, holes, counts that are all the same. */
const SOME: Rows = (() => {
  const places = Array.from({ length: 90 }, (_, i) => i)
  const noise = (seed: number) => places.map((i) => Math.floor(hash(i * 8 + seed) * 1_000))
  const n = Float64Array.from(places, () => 12)
  const mean = (sums: readonly number[]): Column => ({
    value: Float64Array.from(sums, (sum) => sevenDigits(sum / 12)),
    min: Float64Array.from(sums, (sum) => Math.floor(sum / 15)),
    max: Float64Array.from(sums, (sum) => Math.ceil(sum / 9)),
    n,
  })
  const holed = Float64Array.from(places, (i) => (i % 9 === 4 ? NONE : 2 ** 33 + i * 4096))
  return {
    at: Float64Array.from(places, (i) => Date.UTC(2025, 0, 18) + i * 60_000 + (i > 40 ? 3 : 0)),
    columns: [
      mean(noise(1).map((one) => 20_000 + one)),
      mean(noise(2).map((one, i) => (i % 17 === 3 ? one * 4_000 : one))),
      undefined,
      { value: holed },
      { value: holed.map((one) => one / 2 ** 12) },
      { value: Float64Array.from(places, () => -0) },
    ],
  }
})()
/** A day in which nothing changes but a step now and then, the same in all. */
const REPEATING: Rows = {
  at: Float64Array.from({ length: 720 }, (_, i) => i * 5_000),
  columns: Array.from({ length: 5 }, () => ({
    value: Float64Array.from({ length: 720 }, (_, i) => (i % 24 < 6 ? 1_234_567 : 500 + (i % 24))),
  })),
}

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
    const dress = [
      (bytes: Uint8Array) => bytes,
      (bytes: Uint8Array) => Uint8Array.of(1, ...deflateRawSync(bytes)),
      (bytes: Uint8Array) => Uint8Array.of(2, 0, ...bytes),
      (bytes: Uint8Array) => Uint8Array.of(2, 1, ...deflateRawSync(bytes)),
    ]
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.uint8Array({ maxLength: 100 }),
        fc.constantFrom(...dress),
        fc.constantFrom(...dress),
        (a, b, main, spread) => {
          read(main(a))
          read(main(a), spread(b))
        },
      ),
      { numRuns: 1000 },
    )
    for (const { main, spread } of [encodeChunk(SOME), encodeChunk(REPEATING), FROZEN])
      for (const [blob, open] of [
        [main, (damaged: Uint8Array) => read(damaged, spread ?? undefined)],
        [spread ?? main, (damaged: Uint8Array) => read(main, damaged)],
      ] as const)
        for (let i = 0; i < blob.length; i++) {
          open(blob.subarray(0, i))
          for (const flip of [1, 16, 128, 255]) {
            const damaged = blob.slice()
            damaged[i] = (damaged[i] ?? 0) ^ flip
            open(damaged)
          }
        }
  })

  it.each([
    ['bits, where deflate finds nothing to repeat', SOME, 0],
    ['deflated planes, where it does', REPEATING, 1],
  ])('is %s', (_, rows, packing) => {
    expect(encodeChunk(rows).main.slice(0, 2)).toEqual(Uint8Array.of(2, packing))
    expectSame(rows)
  })

  it('refuses parts of two chunks', () => {
    const { main } = encodeChunk(SOME)
    const { spread } = encodeChunk({ ...SOME, columns: SOME.columns.slice(0, 1) })
    for (const [one, other] of [
      [main, spread],
      [FROZEN.main, spread],
    ] as const)
      expect(() => openChunk(one, other)).toThrow(
        new BrokenChunk('its two parts do not belong together'),
      )
  })

  it.each([
    ['a newer version', Uint8Array.of(3, 0), 'version 3 is unknown'],
    ['nothing', Uint8Array.of(), 'version missing is unknown'],
    ['no deflate stream', Uint8Array.of(1, 255, 255), 'it cannot be inflated'],
    ['a packing that it does not know', Uint8Array.of(2, 2), 'packing 2 is unknown'],
    ['no deflate stream behind a packing', Uint8Array.of(2, 1, 255, 255), 'it cannot be inflated'],
    ...[[1], [2, 1]].map((head): [string, Uint8Array, string] => [
      `a bomb (${head.join()})`,
      Uint8Array.of(...head, ...deflateRawSync(new Uint8Array(65 * 1024 * 1024))),
      'it cannot be inflated',
    ]),
    [
      'rows that would fill the memory',
      Uint8Array.of(2, 0, 255, 255, 255, 255, 15, 0),
      '4294967295 rows',
    ],
    [
      'rows of the first version that would fill the memory',
      Uint8Array.of(1, ...deflateRawSync(Uint8Array.of(255, 255, 255, 255, 15, 0))),
      '4294967295 rows',
    ],
  ])('refuses %s', (_, blob, why) => {
    expect(() => openChunk(blob)).toThrow(new BrokenChunk(why))
  })
})
