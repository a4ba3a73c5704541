import { AppError } from '../app-error.ts'
import type { Clock } from '../points/clock.ts'
import { HOUR, MINUTE, SECOND } from '../points/instant.ts'

type Rule = { readonly most: number; readonly withinMs: number }

const WINDOW_MS = 5 * MINUTE
const PER_ACCOUNT_AND_ADDRESS: Rule = { most: 10, withinMs: WINDOW_MS }
const PER_ADDRESS: Rule = { most: 30, withinMs: WINDOW_MS }
const PER_ACCOUNT: Rule = { most: 200, withinMs: WINDOW_MS }
const SIGN_UPS: Rule = { most: 100, withinMs: HOUR }

/** Keys held per rule; the oldest goes first, so that many names or addresses cannot fill the memory. */
const MOST_KEYS = 20_000

/** An attempt that counts until it is forgiven. */
export type Attempt = { forgive(): void }

export type Throttle = {
  /** AppError `too-many` when the next attempt would be refused; counts nothing. */
  check(who: { account: string; address: string }): void
  /** Counts an attempt as failed (AppError `too-many` instead when it is one too many); forgive it when it was none. */
  begin(who: { account: string; address: string }): Attempt
}

export type SignUps = { begin(address: string): Attempt }

/** Failed log-ins: 10 per account and address, 30 per address, 200 per account within 5 minutes, in memory. */
export const createThrottle = (clock: Clock): Throttle => {
  const both = createCounter(PER_ACCOUNT_AND_ADDRESS, clock)
  const byAddress = createCounter(PER_ADDRESS, clock)
  const byAccount = createCounter(PER_ACCOUNT, clock)
  const countersOf = (who: { account: string; address: string }) => {
    const address = networkOf(who.address)
    return [
      [both, `${address} ${who.account}`],
      [byAddress, address],
      [byAccount, who.account],
    ] as const
  }
  const check: Throttle['check'] = (who) => {
    const waitMs = Math.max(...countersOf(who).map(([counter, key]) => counter.waitMs(key)))
    if (waitMs > 0) throw tooMany('Too many failed log-ins.', waitMs)
  }
  return {
    check,
    begin: (who) => {
      check(who)
      const counted = countersOf(who).map(([counter, key]) => counter.count(key))
      return { forgive: () => counted.forEach((uncount) => uncount()) }
    },
  }
}

/** Accounts that strangers make: 100 per address and hour, in memory. */
export const createSignUps = (clock: Clock): SignUps => {
  const counter = createCounter(SIGN_UPS, clock)
  return {
    begin: (address) => {
      const key = networkOf(address)
      const waitMs = counter.waitMs(key)
      if (waitMs > 0) throw tooMany('Too many sign-ups.', waitMs)
      return { forgive: counter.count(key) }
    },
  }
}

/** One IPv4 address, or the /64 that a single IPv6 host can choose its addresses from. */
export const networkOf = (address: string): string => {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (!address.includes(':')) return address
  const [head = '', tail] = address.toLowerCase().replace(/%.*$/, '').split('::')
  const before = groupsOf(head)
  const after = groupsOf(tail ?? '')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length)
  return [...before, ...Array.from({ length: zeros }, () => '0'), ...after].slice(0, 4).join(':')
}

const groupsOf = (part: string): string[] =>
  part
    .split(':')
    .filter((group) => group !== '')
    .map((group) => group.replace(/^0+(?=.)/, ''))

const createCounter = (rule: Rule, clock: Clock) => {
  const failures = new Map<string, number[]>()
  const recent = (key: string): number[] => {
    const all = failures.get(key) ?? []
    const since = clock.monotonic() - rule.withinMs
    return all.filter((at) => at > since)
  }
  return {
    /** Milliseconds until this key may try again; 0: now. */
    waitMs: (key: string): number => {
      const times = recent(key)
      const oldestThatCounts = times.at(-rule.most)
      return oldestThatCounts === undefined
        ? 0
        : oldestThatCounts + rule.withinMs - clock.monotonic()
    },
    /** Counts one, and gives what takes it back. */
    count: (key: string): (() => void) => {
      const at = clock.monotonic()
      const times = [...recent(key), at]
      // Re-inserted, so that the first key of the map is the one that has been quiet longest.
      failures.delete(key)
      failures.set(key, times)
      const quietest = failures.keys().next().value
      if (failures.size > MOST_KEYS && quietest !== undefined) failures.delete(quietest)
      return () => {
        const left = recent(key)
        const index = left.lastIndexOf(at)
        if (index !== -1) left.splice(index, 1)
        if (left.length === 0) failures.delete(key)
        else failures.set(key, left)
      }
    },
  }
}

const tooMany = (what: string, waitMs: number): AppError => {
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / SECOND))
  const detail = `${what} Try again in ${retryAfterSeconds} ${retryAfterSeconds === 1 ? 'second' : 'seconds'}.`
  return new AppError({ code: 'too-many', detail, retryAfterSeconds })
}
