import type { IngestToken } from '../accounts/accounts.ts'
import { AppError } from '../app-error.ts'
import { SECOND } from '../points/instant.ts'

/** What a token may send in a second, and how many series, as far as this server has seen. */
export type Quotas = {
  /** Throws AppError `too-many` with the time to wait; nothing is counted then. */
  take(token: IngestToken, lines: number): void
  /** True where the series is known or there is room for it. */
  admits(token: IngestToken, series: string): boolean
}

/** A token that was away for so long may send as much at once as in so many seconds. */
const BURST_SECONDS = 10

type Account = { allowance: number; at: number; readonly series: Set<string> }

export const createQuotas = (monotonic: () => number): Quotas => {
  const accounts = new Map<number, Account>()
  const accountOf = (token: IngestToken): Account => {
    const known = accounts.get(token.id)
    if (known !== undefined) return known
    const fresh = {
      allowance: token.pointsPerSecond * BURST_SECONDS,
      at: monotonic(),
      series: new Set<string>(),
    }
    accounts.set(token.id, fresh)
    return fresh
  }
  return {
    take: (token, lines) => {
      const account = accountOf(token)
      const now = monotonic()
      const most = token.pointsPerSecond * BURST_SECONDS
      const earned = ((now - account.at) / SECOND) * token.pointsPerSecond
      account.allowance = Math.min(most, account.allowance + earned)
      account.at = now
      // a batch larger than all that can be saved up is taken when the account is full, and then owes
      if (account.allowance < Math.min(lines, most))
        throw new AppError({
          code: 'too-many',
          detail: `the token ${token.name} may send ${token.pointsPerSecond} points a second`,
          retryAfterSeconds: (Math.min(lines, most) - account.allowance) / token.pointsPerSecond,
        })
      account.allowance -= lines
    },
    admits: (token, series) => {
      const { series: known } = accountOf(token)
      if (known.has(series)) return true
      if (known.size >= token.maxSeries) return false
      known.add(series)
      return true
    },
  }
}
