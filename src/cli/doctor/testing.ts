import type { Check } from './finding.ts'

/** `state: says` of every finding. */
export const said = async (check: Check): Promise<readonly string[]> =>
  (await check.run()).map(({ state, says }) => `${state}: ${says}`)

export const yes = async () => true
export const no = async () => false
