import { expect, test } from 'vitest'
import { MINUTE } from '../points/instant.ts'
import { hostStatus } from './host-registry.ts'

test.each([
  [0, 5_000, 'live'],
  [12_500, 5_000, 'live'],
  [12_501, 5_000, 'late'],
  [10 * MINUTE, 5_000, 'late'],
  [10 * MINUTE + 1, 5_000, 'silent'],
  // with an hour between samples ten minutes mean nothing
  [150 * MINUTE, 60 * MINUTE, 'live'],
  [150 * MINUTE + 1, 60 * MINUTE, 'silent'],
  // a clock that is ahead
  [-1_000, 5_000, 'live'],
  [Number.POSITIVE_INFINITY, 5_000, 'silent'],
])('a newest point %d ms old at one sample in %d ms is %s', (age, sampling, status) => {
  expect(hostStatus(age, sampling)).toBe(status)
})
