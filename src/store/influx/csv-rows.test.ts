import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCsvReader } from './csv-rows.ts'

/** Every row as objects by label, in pieces of a length. */
const read = (csv: string, pieceBytes = 1_000_000) => {
  const rows: Record<string, string>[] = []
  const reader = createCsvReader((row, table) => {
    rows.push(
      Object.fromEntries(
        table.columns.map(({ label, index, defaultValue }) => [
          label,
          row.isEmpty(index) ? defaultValue : row.text(index),
        ]),
      ),
    )
    return undefined
  })
  const bytes = Buffer.from(csv)
  for (let at = 0; at < bytes.length; at += pieceBytes)
    reader.push(bytes.subarray(at, at + pieceBytes))
  reader.end()
  return rows
}

const ANSWER = [
  '#datatype,string,long,double,string',
  '#group,false,false,false,true',
  '#default,first,,,',
  ',result,table,_value,room',
  ',,0,1.5,"a ""b"", c"',
  ',,0,,"two\r\nlines"',
  '',
  '#datatype,string,string',
  '#group,true,true',
  '#default,,',
  ',error,reference',
  ',"it is, broken",é',
].join('\r\n')

describe('annotated CSV', () => {
  const expected = [
    { result: 'first', table: '0', _value: '1.5', room: 'a "b", c' },
    { result: 'first', table: '0', _value: '', room: 'two\r\nlines' },
    { error: 'it is, broken', reference: 'é' },
  ]

  it.each([1, 2, 3, 7, 50, 10_000])('is read in pieces of %d bytes', (pieceBytes) => {
    expect(read(ANSWER, pieceBytes)).toEqual(expected)
  })

  // numbers, empty ones, an exponent and a quoted value among rows that are alike but for these
  const VALUES = ['1.5', '', '12345.678', '1e+21', '"quo,ted"', '7', '-0.25']
  const tableOf = (table: number, room: string) =>
    VALUES.map((value, i) => ({
      result: 'r',
      table: String(table),
      _time: `2025-01-18T10:00:0${i}Z`,
      _value: value.replaceAll('"', ''),
      _field: 'warm',
      room,
    }))
  const tables = [...tableOf(9, 'a'), ...tableOf(10, 'b'), ...tableOf(11, 'a longer one')]

  it.each([1, 5, 64, 10_000])('of many alike rows is read in pieces of %d bytes', (pieceBytes) => {
    const csv = [
      '#datatype,string,long,dateTime:RFC3339,double,string,string',
      '#group,false,false,false,false,true,true',
      '#default,r,,,,,',
      ',result,table,_time,_value,_field,room',
      ...tables.map(
        ({ table, _time, room }, i) =>
          `,,${table},${_time},${VALUES[i % VALUES.length]},warm,${room}`,
      ),
      '',
    ].join('\r\n')
    expect(read(csv, pieceBytes)).toEqual(tables)
  })

  describe('with runs', () => {
    type Cell = { readonly time: string; readonly value: string }
    type Table = { readonly room: string; readonly cells: readonly Cell[] }

    /** What runs hold by the tables' rooms, and how many rows there were. */
    const readRuns = (csv: string, pieceBytes: number) => {
      const rooms = new Map<string, { at: number[]; value: number[]; nanoseconds: number[] }>()
      const reader = createCsvReader((row) => {
        const room = row.text(4)
        const run = rooms.get(room) ?? { at: [], value: [], nanoseconds: [] }
        rooms.set(room, run)
        return { time: 2, value: 3, at: run.at, values: run.value, nanoseconds: run.nanoseconds }
      })
      const bytes = Buffer.from(csv)
      for (let at = 0; at < bytes.length; at += pieceBytes)
        reader.push(bytes.subarray(at, at + pieceBytes))
      reader.end()
      return { rows: reader.rows(), rooms: Object.fromEntries(rooms) }
    }

    const quoted = (text: string) =>
      /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
    const csvOf = (given: readonly Table[], end: string) =>
      [
        '#datatype,string,long,dateTime:RFC3339,double,string',
        '#default,r,,,,',
        ',result,table,_time,_value,room',
        ...given.flatMap(({ room, cells }, table) =>
          cells.map(({ time, value }) => `,,${table},${time},${value},${quoted(room)}`),
        ),
        '',
      ].join(end)

    const cell = fc.record({
      // a time with fewer decimals is as long as one with more and the value behind it
      time: fc
        .tuple(fc.nat(4_000_000_000), fc.constantFrom('', '.5', '.25', '.001', '.123456789'))
        .map(([second, decimals]) =>
          new Date(second * 1_000).toISOString().replace('.000', decimals),
        ),
      value: fc.oneof(
        { weight: 5, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String) },
        fc.constantFrom('', '+Inf', '"1.5"', '1e+21', '7'),
      ),
    })
    const room = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('a', 'b,c', 'd\r\ne', 'f"g'))
    const tablesOf = fc.uniqueArray(fc.record({ room, cells: fc.array(cell, { minLength: 1 }) }), {
      selector: (table) => table.room,
    })

    it('holds what its rows do, in pieces of any length', () => {
      fc.assert(
        fc.property(
          tablesOf,
          fc.integer({ min: 1, max: 400 }),
          fc.constantFrom('\n', '\r\n'),
          (given, pieceBytes, end) => {
            const rooms = given.map((table) => {
              const cells = table.cells.filter(({ value }) => value !== '')
              return [
                table.room,
                {
                  at: cells.map(({ time }) => Date.parse(time)),
                  value: cells.map(({ value }) => Number(value)),
                  nanoseconds: cells.map(({ time }) => Number(time.slice(23, -1).padEnd(6, '0'))),
                },
              ]
            })
            expect(readRuns(csvOf(given, end), pieceBytes)).toEqual({
              rows: given.reduce((sum, { cells }) => sum + cells.length, 0),
              rooms: Object.fromEntries(rooms),
            })
          },
        ),
        { numRuns: 500 },
      )
    })
  })

  it('may be nothing', () => {
    expect(read('')).toEqual([])
    expect(read('\r\n')).toEqual([])
  })

  const numberOf = (text: string) => {
    let found: number | undefined
    const reader = createCsvReader((row) => {
      found = row.number(0)
      return undefined
    })
    reader.push(Buffer.from(`,_value\n,${text}\n`))
    return found
  }

  it.each([
    ['0', 0],
    ['-0.5', -0.5],
    ['12', 12],
    ['1e+21', 1e21],
    ['0.1', 0.1],
    ['123456789012345', 123_456_789_012_345],
    ['1234567890.12345', 1_234_567_890.12345],
    ['9007199254740993', Number('9007199254740993')],
    ['23.456789012345678', Number('23.456789012345678')],
    ['+Inf', Number.NaN],
    ['', Number.NaN],
    ['1.2.3', Number.NaN],
  ])('has the number %s', (text, value) => {
    expect(numberOf(text)).toBe(value)
  })

  it('has every number as JavaScript reads it', () => {
    const any = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.tuple(fc.integer(), fc.nat(8)).map(([whole, digits]) => whole / 10 ** digits),
    )
    fc.assert(
      fc.property(any, (value) => {
        expect(numberOf(String(value))).toBe(Number(String(value)))
      }),
      { numRuns: 2_000 },
    )
  })

  it('has every row of digits as JavaScript reads it, also in the middle between two numbers', () => {
    const middle = fc.bigInt({ min: 2n ** 52n, max: 2n ** 53n - 1n }).chain((digits) =>
      fc.nat(40).map((power) => {
        // (digits + 1/2) / 2^power
        const text = ((2n * digits + 1n) * 5n ** BigInt(power + 1))
          .toString()
          .padStart(power + 2, '0')
        return `${text.slice(0, -power - 1)}.${text.slice(-power - 1)}`
      }),
    )
    const any = fc.oneof(fc.stringMatching(/^-?\d{1,20}(\.\d{1,24})?$/), middle)
    fc.assert(
      fc.property(any, (text) => {
        expect(numberOf(text)).toBe(Number(text))
      }),
      { numRuns: 5_000 },
    )
  })
})
