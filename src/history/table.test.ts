import { describe, expect, it } from 'vitest'
import type { Column, SeriesColumns } from '../store/range-query.ts'
import { firstWindows, stitch, type Table } from './table.ts'

const NONE = Number.NaN
const column = (
  value: readonly number[],
  beside: Partial<Record<'min' | 'max' | 'n', number[]>> = {},
) =>
  ({
    value: Float64Array.from(value),
    ...Object.fromEntries(
      Object.entries(beside).map(([name, values]) => [name, Float64Array.from(values)]),
    ),
  }) satisfies Column
const rows = (
  measurement: string,
  at: readonly number[],
  fields: Record<string, Column>,
  tags: Record<string, string> = { host: 'box' },
): SeriesColumns => ({ measurement, tags, at: Float64Array.from(at), fields })

/** Arrays as lists, the missing as null, so that whole tables can be written down. */
const plain = (table: Table): unknown =>
  JSON.parse(
    JSON.stringify(table, (_key, value: unknown) =>
      value instanceof Float64Array ? [...value] : value,
    ),
  )

describe('the table of several reads', () => {
  it('puts windows of one series behind each other', () => {
    const table = stitch(
      [
        [rows('cpu', [0, 60], { user: column([1, 2]) })],
        [rows('cpu', [120], { user: column([3]) })],
      ],
      60,
    )
    expect(plain(table)).toEqual({
      at: [0, 60, 120],
      series: [
        { measurement: 'cpu', tags: { host: 'box' }, fields: { user: { value: [1, 2, 3] } } },
      ],
    })
  })

  it.each([
    ['user', [10, 4], { n: [30, 10] }, { value: [8.5], n: [40] }],
    [
      'user',
      [10, 4],
      { n: [30, 10], min: [1, 2], max: [11, 9] },
      { value: [8.5], n: [40], min: [1], max: [11] },
    ],
    ['user', [10, NONE], { n: [30, NONE] }, { value: [10], n: [30] }],
    ['user', [10, 4], {}, { value: [7] }],
    ['total_bytes_sent', [10, 4], {}, { value: [4] }],
    ['errors_in', [10, 4], {}, { value: [14] }],
    ['not_in_the_catalogue', [10, 4], { n: [1, 3] }, { value: [5.5], n: [4] }],
  ])('puts the parts of a window of %s together: %o %o', (field, values, beside, expected) => {
    const measurement =
      { total_bytes_sent: 'network', errors_in: 'network_interface' }[field] ?? 'cpu'
    const part = (index: number) =>
      rows(measurement, [index * 60], {
        [field]: column(
          [values[index] ?? NONE],
          Object.fromEntries(
            Object.entries(beside).map(([name, of]) => [name, [of[index] ?? NONE]]),
          ),
        ),
      })
    expect(plain(stitch([[part(0)], [part(1)]], 3600))).toEqual({
      at: [0],
      series: [{ measurement, tags: { host: 'box' }, fields: { [field]: expected } }],
    })
  })

  it('folds rows that came as they are stored, several of a window in one read', () => {
    const table = stitch(
      [[rows('cpu', [0, 60, 120], { user: column([1, 3, 8], { n: [1, 1, 2] }) })]],
      120,
    )
    expect(plain(table)).toMatchObject({
      at: [0, 120],
      series: [{ fields: { user: { value: [2, 8], n: [2, 2] } } }],
    })
  })

  it('has counts where every read has them, and weighs by them all the same', () => {
    const table = stitch(
      [
        [rows('cpu', [0, 60], { user: column([1, NONE]), idle: column([3, 4]) })],
        [rows('cpu', [60], { user: column([2], { n: [5] }), idle: column([8]) })],
        [rows('cpu', [120, 130], { user: column([10, 4], { n: [30, 10] }) })],
      ],
      60,
    )
    expect(plain(table)).toMatchObject({
      at: [0, 60, 120],
      series: [{ fields: { user: { value: [1, 2, 8.5] }, idle: { value: [3, 6, null] } } }],
    })
    expect(table.series[0]?.fields['user']).not.toHaveProperty('n')
  })

  it('has the columns of a read as they are where that is all', () => {
    const user = column([1, 2], { n: [3, 4] })
    expect(stitch([[rows('cpu', [0, 60], { user })]], 60).series[0]?.fields['user']).toBe(user)
  })

  it('has the windows of all series, and no value where one has none', () => {
    const table = stitch(
      [
        [
          rows('cpu', [0, 120], { user: column([1, 2]) }),
          rows('cpu_core', [60], { usage_percent: column([5]) }, { host: 'box', core: '0' }),
        ],
        [rows('cpu', [180], { idle: column([9]) })],
      ],
      60,
    )
    expect(plain(table)).toEqual({
      at: [0, 60, 120, 180],
      series: [
        {
          measurement: 'cpu_core',
          tags: { host: 'box', core: '0' },
          fields: { usage_percent: { value: [null, 5, null, null] } },
        },
        {
          measurement: 'cpu',
          tags: { host: 'box' },
          fields: { user: { value: [1, null, 2, null] }, idle: { value: [null, null, null, 9] } },
        },
      ],
    })
  })

  it('leaves out windows in which nothing has a value', () => {
    const table = stitch(
      [
        [
          rows('cpu', [0, 60, 120], {
            user: column([1, NONE, NONE]),
            idle: column([NONE, NONE, 4]),
          }),
        ],
      ],
      60,
    )
    expect([...table.at]).toEqual([0, 120])
    expect(stitch([[rows('cpu', [], {})], []], 60)).toEqual({ at: new Float64Array(0), series: [] })
  })

  it('gives its first windows', () => {
    const table = stitch([[rows('cpu', [0, 60, 120], { user: column([1, 2, 3]) })]], 60)
    expect([...firstWindows(table, 2).at]).toEqual([0, 60])
    expect(firstWindows(table, 3)).toBe(table)
  })
})
