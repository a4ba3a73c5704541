import { expect, test } from 'vitest'
import { instant } from '../points/instant.ts'
import type { Sample } from '../points/sample.ts'
import { seriesCounter } from './series-count.ts'
import { fullSample } from './testing/sample.ts'

test('the series of this host are those of its newest sample', () => {
  let latest: Sample | null = null
  const count = seriesCounter({ latest: () => latest }, 'atlas')
  expect(count('cpu_core', 'atlas')).toBe(undefined)
  latest = fullSample('atlas', instant(0), 3)
  expect(['cpu', 'cpu_core', 'pushed'].map((one) => count(one, 'atlas'))).toEqual([1, 3, 1])
  latest = fullSample('atlas', instant(5_000), 64)
  expect(count('cpu_core', 'atlas')).toBe(64)
  expect(count('cpu_core', 'web-9')).toBe(undefined)
})
