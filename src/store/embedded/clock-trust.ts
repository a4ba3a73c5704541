import type { Clock } from '../../points/clock.ts'
import { MINUTE } from '../../points/instant.ts'

const TOLERANCE_MS = MINUTE

/**
 * How long the wall clock has run as fast as the monotonic one. A wall clock that was set by more than a minute
 * (or a machine that slept) begins anew: what it says now may be wrong.
 */
export const createClockTrust = (clock: Clock) => {
  let offset = clock.now() - clock.monotonic()
  let since = clock.monotonic()
  return {
    /** Milliseconds; to be called every few seconds. */
    trustedFor: (): number => {
      const monotonic = clock.monotonic()
      const now = clock.now() - monotonic
      if (Math.abs(now - offset) > TOLERANCE_MS) {
        offset = now
        since = monotonic
      }
      return monotonic - since
    },
  }
}
