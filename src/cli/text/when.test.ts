import { expect, it } from 'vitest'
import { formatPeriod, formatTime } from './when.ts'

it.each([
  ['2025-01-18T10:00:00Z', '2025-01-18 10:00'],
  ['2025-01-18T10:00:07.5Z', '2025-01-18 10:00:07'],
  ['2025-01-18T10:00:00+02:00', '2025-01-18 08:00'],
])('%s is shown as %s', (iso, text) => {
  expect(formatTime(iso)).toBe(text)
})

it('writes the date once where both ends are on one day', () => {
  expect(formatPeriod('2025-01-18T10:00:00Z', '2025-01-18T12:00:00Z')).toBe(
    '2025-01-18 10:00 … 12:00 UTC',
  )
  expect(formatPeriod('2025-01-17T10:00:00Z', '2025-01-18T10:00:00Z')).toBe(
    '2025-01-17 10:00 … 2025-01-18 10:00 UTC',
  )
})
