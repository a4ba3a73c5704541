import { instant, windowCeil, windowStart, type Instant } from '../points/instant.ts'

/** The first tick after `wall`. */
export const nextTick = (wall: number, intervalMs: number): Instant =>
  instant(windowStart(wall, intervalMs) + intervalMs)

/** What is known when a timer has gone off. */
export type Waking = {
  /** The tick that the timer was set for: a multiple of the interval. */
  readonly scheduled: Instant
  /** The wall clock now. */
  readonly wall: Instant
  /** By the monotonic clock, how long after the time it was set for; negative: too early. */
  readonly overdueMs: number
  readonly intervalMs: number
  /** The newest tick that was sampled or is stored. */
  readonly newest: Instant | null
  /** The round before has not ended. */
  readonly busy: boolean
}

/** `next` is the tick to wait for now, `missed` how many before this one went by unsampled. */
export type Verdict =
  /** Before its time: timers go off early, and the clock may have been set back. */
  | { readonly kind: 'wait'; readonly next: Instant }
  | {
      readonly kind: 'sample' | 'late' | 'overlap' | 'old'
      readonly tick: Instant
      readonly missed: number
      readonly next: Instant
    }

/**
 * What to do at a waking. The sample's time is its tick, never the clock: a tick is sampled up to half an interval
 * late, else it is skipped, and a skipped one is never made good by a sample of another time.
 */
export const judge = (waking: Waking): Verdict => {
  const { scheduled, wall, overdueMs, intervalMs, newest, busy } = waking
  if (wall < scheduled)
    return { kind: 'wait', next: instant(Math.min(scheduled, windowCeil(wall, intervalMs))) }
  const tick = windowStart(wall, intervalMs)
  const next = instant(tick + intervalMs)
  // a clock set forward skips times, not samples: only what the monotonic clock saw go by was missed
  const missed = Math.max(
    0,
    Math.min((tick - scheduled) / intervalMs, Math.round(overdueMs / intervalMs)),
  )
  const kind =
    wall - tick > intervalMs / 2
      ? 'late'
      : newest !== null && tick <= newest
        ? 'old'
        : busy
          ? 'overlap'
          : 'sample'
  return { kind, tick, missed, next }
}
