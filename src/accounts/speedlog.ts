import type { Clock } from '../points/clock.ts'
import { instant } from '../points/instant.ts'
import type { Accounts } from './accounts.ts'
import type { Bearers } from './bearers.ts'
import { wrongLogin, type Credentials } from './credentials.ts'
import { randomSecret, type RandomBytes } from './random.ts'
import type { Sessions } from './session-store.ts'

type Deps = {
  readonly clock: Clock
  readonly random: RandomBytes
  readonly credentials: Credentials
  readonly sessions: Sessions
  readonly own: Bearers
  /** PerfWatch's, which the page has. */
  readonly perfwatch: Bearers
  readonly expireMs: number
}

/** Its tokens name sessions too, so that they end with them; there is no cookie to such a session. */
export const createSpeedlog = (deps: Deps): Accounts['speedlog'] => ({
  login: async (given) => {
    const { id: userId, epoch } = await deps.credentials.check(given)
    const key = randomSecret(deps.random)
    const expiresAt = instant(deps.clock.now() + deps.expireMs)
    if (!deps.sessions.open({ key, surface: 'speedlog', userId, epoch, expiresAt }))
      throw wrongLogin()
    return deps.own.sign(key)
  },
  byBearer: async (token) =>
    (await deps.own.callerOf(token)) ?? (await deps.perfwatch.callerOf(token)),
})
