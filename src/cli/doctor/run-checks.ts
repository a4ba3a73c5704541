import { sentenceOf } from '../exit-code.ts'
import type { Check, Finding } from './finding.ts'

/** Runs the checks one after the other; one that fails is reported, and the round goes on. */
export const runChecks = async (
  checks: readonly Check[],
  onFindings: (findings: readonly Finding[]) => void = () => {},
): Promise<readonly Finding[]> => {
  const all: Finding[] = []
  for (const check of checks) {
    const findings = await findingsOf(check)
    onFindings(findings)
    all.push(...findings)
  }
  return all
}

const findingsOf = async (check: Check): Promise<readonly Finding[]> => {
  try {
    return await check.run()
  } catch (error) {
    return [{ check: check.name, state: 'broken', says: sentenceOf(error) }]
  }
}
