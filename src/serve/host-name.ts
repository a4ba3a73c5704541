import type { Accounts } from '../accounts/accounts.ts'
import { cleanName } from '../points/line-protocol.ts'

const FACT = 'host.name'

/**
 * The name under which this machine's points are kept: `HOST_NAME`, else the machine's own name as it was at
 * the first start. It stays, since a machine that is renamed is still the same line in a chart.
 */
export const ownHostName = async (
  facts: Accounts['facts'],
  given: string | undefined,
  machine: string,
): Promise<string> => {
  const kept = facts.get(FACT)
  const name = given === undefined ? (kept ?? cleanName(machine)) : cleanName(given)
  if (name !== kept) await facts.set(FACT, name)
  return name
}

/** The name of a folder whose server has run; null: it never has. */
export const keptHostName = (facts: Pick<Accounts['facts'], 'get'>): string | null =>
  facts.get(FACT)
