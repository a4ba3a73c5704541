import { openAccounts } from '../../accounts/open-accounts.ts'
import { ADMIN, CHEAP, createFakeClock, temporaryFolder } from '../../accounts/testing.ts'
import { createMemoryStore } from '../../testing/memory-store.ts'
import { runCli } from './run-cli.ts'

/** A command line beside accounts of their own, which have an admin. */
export const withFreshAccounts = () => {
  const folder = temporaryFolder()
  const open = async () => {
    const { accounts } = await openAccounts({
      folder,
      clock: createFakeClock(),
      adminUsername: ADMIN.username,
      adminPassword: ADMIN.password,
      jwtExpireHours: 24,
      hashing: CHEAP,
      every: () => () => {},
    })
    return accounts
  }
  const store = createMemoryStore({ clock: createFakeClock() })
  let serverRuns = false
  const rooms = {
    openAccounts: open,
    serverRuns: async () => serverRuns,
    storeExists: async () => true,
    openStore: async () => store,
  }
  const run = (argv: readonly string[], stdin = '') => runCli(argv, { rooms, stdin })
  return {
    run,
    open,
    store,
    startServer: () => {
      serverRuns = true
    },
  }
}
