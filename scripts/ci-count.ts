// Adds up vitest's JSON reports and prints the closing lines of .ci/run, the last one the sum. Arguments:
// `--failed=N` for what failed beside the tests, and FILE=EXIT for every report that should be there and how its
// vitest ended.
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The part of vitest's JSON report that is counted. */
export type Report = {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly testResults: readonly {
    readonly status: string
    readonly assertionResults: readonly { readonly status: string }[]
  }[]
}

export type Count = { readonly passed: number; readonly failed: number }

/**
 * What one run counts. A report that is missing, a file that could not be loaded, a run without any test and an
 * exit code that no failed test explains are one failed test each: nothing may end green by not having run.
 */
export const countOf = (report: Report | null, exit: number): Count => {
  if (report === null) return { passed: 0, failed: 1 }
  const broken = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  )
  const failed = report.numFailedTests + broken.length
  const unexplained = failed === 0 && (exit !== 0 || report.numPassedTests === 0)
  return { passed: report.numPassedTests, failed: unexplained ? 1 : failed }
}

const lineOf = ({ passed, failed }: Count) => `${passed} passed, ${failed} failed`

const reportIn = (file: string): Report | null => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report
  } catch {
    return null
  }
}

const run = (args: readonly string[]): number => {
  const counts = args.map((arg) => {
    const [file = '', number] = arg.split('=')
    if (file === '--failed') return { passed: 0, failed: Number(number) }
    const count = countOf(reportIn(file), Number(number))
    console.log(`${basename(file, '.json')}: ${lineOf(count)}`)
    return count
  })
  const passed = counts.reduce((sum, count) => sum + count.passed, 0)
  const failed = counts.reduce((sum, count) => sum + count.failed, 0)
  console.log(lineOf({ passed, failed }))
  return failed === 0 ? 0 : 1
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.exitCode = run(process.argv.slice(2))
