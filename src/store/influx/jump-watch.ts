import type { Clock } from '../../points/clock.ts'
import { DAY, HOUR } from '../../points/instant.ts'

const SUSPICIOUS_MS = DAY
const BELIEVED_AFTER_MS = HOUR

/**
 * Whether the wall clock has jumped forward by more than a day within the last hour: it may be wrong, and InfluxDB,
 * which as a rule has the same clock, must not delete by it. To be asked every few seconds or minutes.
 */
export const createJumpWatch = (clock: Clock): (() => boolean) => {
  let offset = clock.now() - clock.monotonic()
  let suspiciousUntil = -Infinity
  return () => {
    const monotonic = clock.monotonic()
    const now = clock.now() - monotonic
    if (now - offset > SUSPICIOUS_MS) suspiciousUntil = monotonic + BELIEVED_AFTER_MS
    offset = now
    return monotonic < suspiciousUntil
  }
}
