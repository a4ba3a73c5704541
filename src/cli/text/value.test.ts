import { describe, expect, it } from 'vitest'
import { UNITS, type Unit } from '../../catalog/metric.ts'
import { formatChange, formatValue } from './value.ts'

describe('a value', () => {
  it.each<[number | null | undefined, Unit | undefined, string]>([
    [12.345, 'percent', '12.3 %'],
    [-0.01, 'percent', '0.0 %'],
    [0, 'bytes', '0 B'],
    [1023, 'bytes', '1023 B'],
    [1023.97, 'bytes', '1.0 KiB'],
    [1024, 'bytes', '1.0 KiB'],
    [1024 ** 2 - 1, 'bytes', '1.0 MiB'],
    [17_179_869_184, 'bytes', '16.0 GiB'],
    [5 * 1024 ** 7, 'bytes', '5120.0 EiB'],
    [1_572_864, 'bytes/s', '1.5 MiB/s'],
    [12_500, 'MB/s', '12500 MB/s'],
    [7, 'count', '7'],
    [0.25, 'count', '0.25'],
    [123.46, 'count', '123.5'],
    [99_999, 'count', '99999'],
    [100_000, 'count', '100.0 k'],
    [3_200_000_000, 'count/s', '3.2 G /s'],
    [150.5, 'operations/s', '150.5 /s'],
    [3, 'packets/s', '3 /s'],
    [3_199.7, 'MHz', '3200 MHz'],
    [65, 'celsius', '65.0 °C'],
    [0.126, 'ms', '0.13 ms'],
    [126.04, 'ms', '126.0 ms'],
    [59.4, 's', '59s'],
    [61, 's', '1m 1s'],
    [3_660, 's', '1h 1m'],
    [273_600, 's', '3d 4h'],
    [812.4, 'ms/s', '812 ms/s'],
    [1.849, 'ratio', '1.85'],
    [1.5, undefined, '1.50'],
    [null, 'percent', '–'],
    [undefined, 'bytes', '–'],
    [Number.NaN, 'count', '–'],
  ])('%s %s is shown as %s', (value, unit, text) => {
    expect(formatValue(value, unit)).toBe(text)
  })

  it('has a form for every unit of the catalogue', () => {
    const shown = UNITS.map((unit) => formatValue(1234.5, unit))
    expect(new Set(shown).size).toBeGreaterThan(8)
    expect(shown.filter((text) => /NaN|undefined/.test(text))).toEqual([])
  })
})

it.each([
  [12.34, '+12.3 %'],
  [-4, '-4.0 %'],
  [0, '±0.0 %'],
  [-0.04, '±0.0 %'],
  [null, '–'],
])('a change of %s is shown as %s', (percent, text) => {
  expect(formatChange(percent)).toBe(text)
})
