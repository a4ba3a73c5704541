import { expect, it } from 'vitest'
import { countOf, type Report } from './ci-count.ts'

const file = (...statuses: readonly string[]) => ({
  status: statuses.includes('failed') || statuses.length === 0 ? 'failed' : 'passed',
  assertionResults: statuses.map((status) => ({ status })),
})

const report = (...testResults: Report['testResults']): Report => {
  const statuses = testResults.flatMap((one) => one.assertionResults.map(({ status }) => status))
  return {
    numPassedTests: statuses.filter((status) => status === 'passed').length,
    numFailedTests: statuses.filter((status) => status === 'failed').length,
    testResults,
  }
}

it.each<[string, Report | null, number, string]>([
  ['all passed', report(file('passed', 'passed')), 0, '2 passed, 0 failed'],
  ['one failed', report(file('passed', 'failed')), 1, '1 passed, 1 failed'],
  ['one was skipped', report(file('passed', 'skipped')), 0, '1 passed, 0 failed'],
  ['a file could not be loaded', report(file('passed'), file()), 1, '1 passed, 1 failed'],
  ['both', report(file('failed'), file()), 1, '0 passed, 2 failed'],
  ['an error outside any test', report(file('passed')), 1, '1 passed, 1 failed'],
  ['no test ran', report(), 0, '0 passed, 1 failed'],
  ['vitest died before its report', null, 137, '0 passed, 1 failed'],
])('counts a run where %s', (_what, of, exit, line) => {
  const { passed, failed } = countOf(of, exit)
  expect(`${passed} passed, ${failed} failed`).toBe(line)
})
