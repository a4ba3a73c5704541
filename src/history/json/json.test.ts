import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { instant, toIso } from '../../points/instant.ts'
import { layOutRow, type ObjectTemplate } from '../../points/column-layout.ts'
import { createByteWriter } from './byte-writer.ts'
import { LONGEST_NUMBER, writeNumber } from './number-bytes.ts'
import { rowWriter } from './row-writer.ts'
import { createStampWriter, LONGEST_STAMP } from './stamp-bytes.ts'

const written = (value: number, guess = 0): string => {
  const buffer = new Uint8Array(LONGEST_NUMBER)
  const end = writeNumber(buffer, 0, value, Uint8Array.of(guess), 0)
  return new TextDecoder().decode(buffer.subarray(0, end))
}

describe('a number as bytes', () => {
  it.each([
    0,
    -0,
    1,
    -1,
    10,
    100,
    0.1,
    -0.5,
    12.34,
    45.23451,
    0.000001,
    0.0000011,
    1e-7,
    5e-324,
    0.1 + 0.2,
    1 / 3,
    99.99999,
    100.00001,
    4_294_967_294,
    4_294_967_295,
    4_294_967_296,
    17_179_869_184,
    4_294_967_294.5,
    429_496_729.4,
    2 ** 53,
    1e21,
    1.5e300,
    -1.7976931348623157e308,
    -1.2345678901234567e-100,
    0.30000000000000004,
    1_000_000.1,
    123_456_789.12,
  ])('%d is written as JSON writes it, whatever the guess', (value) => {
    for (const guess of [0, 1, 5, 9]) expect(written(value, guess)).toBe(JSON.stringify(value))
  })

  it('is null where there is none', () => {
    expect(written(Number.NaN)).toBe('null')
  })

  it('is any number as JSON writes it', () => {
    const decimals = fc
      .tuple(fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), fc.integer({ min: 0, max: 12 }))
      .map(([integer, exponent]) => integer / 10 ** exponent)
    const digits7 = fc.double({ noNaN: true, min: -1e9, max: 1e9 }).map((x) => +x.toPrecision(7))
    const any = fc.double({ noNaN: true, noDefaultInfinity: true })
    fc.assert(
      fc.property(
        fc.oneof(decimals, digits7, any),
        fc.integer({ min: 0, max: 9 }),
        (value, guess) => written(value, guess) === JSON.stringify(value),
      ),
      { numRuns: 20_000, seed: 5 },
    )
  })
})

const template: ObjectTemplate = {
  kind: 'object',
  entries: [
    { key: 'plain "quoted"', node: { kind: 'value', column: 0 } },
    {
      key: 'list',
      node: { kind: 'array', items: [0, 1].map((column) => ({ node: { kind: 'value', column } })) },
    },
    { key: 'event', node: { kind: 'quantity', column: 1, unit: 'count/s' } },
    { key: 'none', node: { kind: 'literal', json: null } },
    {
      key: 'things',
      node: {
        kind: 'object',
        entries: [2, 3].map((column) => ({
          key: `thing ${column} é`,
          node: { kind: 'object', entries: [{ key: 'x', node: { kind: 'value', column } }] },
          presentIf: [column],
        })),
      },
    },
    {
      key: 'series',
      node: {
        kind: 'array',
        items: [2, 3].map((column) => ({ node: { kind: 'value', column }, presentIf: [column] })),
      },
    },
    { key: 'empty', node: { kind: 'object', entries: [] } },
  ],
}

describe('a row as bytes', () => {
  it('is what the plain layout gives, for every set of values that are missing', () => {
    const columns = [1.5, -2, 3, 1e21].map((value, column) =>
      Float64Array.from({ length: 16 }, (_, row) => ((row >> column) & 1 ? value : Number.NaN)),
    )
    const deciding = columns.toReversed()
    for (const present of [columns, deciding])
      for (let row = 0; row < 16; row++) {
        const writer = createByteWriter(0)
        const { most, write } = rowWriter(template, columns, present)
        writer.put(most, (buffer, at) => write(buffer, at, row))
        expect(new TextDecoder().decode(writer.done())).toBe(
          JSON.stringify(layOutRow(template, columns, row, present)),
        )
      }
  })
})

describe('an instant as bytes', () => {
  it('is what toIso gives, whatever the one before it was', () => {
    const write = createStampWriter()
    const stamp = (ms: number): string => {
      const buffer = new Uint8Array(LONGEST_STAMP)
      return new TextDecoder().decode(buffer.subarray(0, write(buffer, 0, ms)))
    }
    const known = [
      '1970-01-01T00:00:00Z',
      '1969-12-31T23:59:59Z',
      '2024-02-29T23:59:59.999Z',
      '2024-02-29T23:59:59Z',
      '2024-03-01T00:00:00Z',
      '2024-02-29T09:05:07Z',
      '9999-12-31T23:59:55Z',
      '+010000-01-01T00:00:00Z',
      '-000001-06-01T01:02:03Z',
    ]
    for (const text of known) expect(stamp(Date.parse(text))).toBe(text)
    const date = fc.date({ min: new Date(-8.64e15), max: new Date(8.64e15), noInvalidDate: true })
    const near = fc.integer({ min: 0, max: 200_000 }).map((second) => second * 1_000)
    fc.assert(
      fc.property(
        fc.oneof(
          date.map((one) => one.getTime()),
          near,
        ),
        (ms) => stamp(ms) === toIso(instant(ms)),
      ),
      { numRuns: 5_000, seed: 7 },
    )
  })
})
