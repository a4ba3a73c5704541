import { instant, type Instant } from './instant.ts'

/** The wall clock for stamps, the monotonic one (milliseconds, fractional) for rates and waits. */
export type Clock = {
  now(): Instant
  monotonic(): number
}

export const systemClock: Clock = {
  now: () => instant(Date.now()),
  monotonic: () => performance.now(),
}
