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

  it('may be nothing', () => {
    expect(read('')).toEqual([])
    expect(read('\r\n')).toEqual([])
  })

  const numberOf = (text: string) => {
    let found: number | undefined
    const reader = createCsvReader((row) => {
      found = row.number(0)
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
})
