import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTimeReader } from './rfc3339.ts'

describe('a time as InfluxDB writes it', () => {
  it.each([
    ['2025-01-18T10:00:00Z', Date.UTC(2025, 0, 18, 10)],
    ['2025-01-18T10:20:30.5Z', Date.UTC(2025, 0, 18, 10, 20, 30, 500)],
    ['2025-01-18T10:20:30.05Z', Date.UTC(2025, 0, 18, 10, 20, 30, 50)],
    ['2025-01-18T10:20:30.007Z', Date.UTC(2025, 0, 18, 10, 20, 30, 7)],
    ['2025-01-18T23:59:59.999999999Z', Date.UTC(2025, 0, 18, 23, 59, 59, 999)],
    ['1969-12-31T23:59:59.999Z', -1],
    ['1677-09-21T00:12:44Z', Date.UTC(1677, 8, 21, 0, 12, 44)],
  ])('%s is read', (text, ms) => {
    expect(createTimeReader()(text)).toBe(ms)
  })

  it('is read as Date.parse reads it, whatever was read before', () => {
    const read = createTimeReader()
    const any = fc.date({
      min: new Date('1700-01-01'),
      max: new Date('2200-01-01'),
      noInvalidDate: true,
    })
    fc.assert(
      fc.property(any, (date) => {
        const iso = date.toISOString()
        // InfluxDB leaves zeros at the end out
        const short = iso.replace(/\.?0+Z$/, 'Z')
        expect(read(iso)).toBe(date.getTime())
        expect(read(iso.endsWith('.000Z') ? iso.replace('.000Z', 'Z') : short)).toBe(date.getTime())
      }),
    )
  })
})
