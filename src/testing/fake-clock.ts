import type { Clock } from '../points/clock.ts'
import { instant, type Instant } from '../points/instant.ts'
import type { Timers } from '../sampler/timers.ts'

export type FakeClock = {
  readonly clock: Clock
  readonly timers: Timers
  /** Lets time go by: every timer that falls due runs at its time, and what it started settles before the next. */
  advance(ms: number): Promise<void>
  /** Time goes by, and nothing can run: a busy event loop, or a machine that sleeps. */
  block(ms: number): void
  /** Sets the wall clock forward, or back; the monotonic one does not notice. */
  setWall(at: Instant): void
  /** How many timers are set. */
  waiting(): number
}

/**
 * A clock and timers turned by hand. `start` is the wall clock at first (the monotonic one begins at 0); timers
 * go off `earlyMs` before their time, as real ones do against another clock.
 */
export const fakeClock = ({
  start = instant(Date.parse('2025-01-18T10:00:00Z')),
  earlyMs = 0,
}: { readonly start?: Instant; readonly earlyMs?: number } = {}): FakeClock => {
  let monotonic = 0
  let ahead: number = start
  const set = new Set<{ readonly due: number; readonly run: () => void }>()

  const firstDue = () => {
    let first: { readonly due: number; readonly run: () => void } | undefined
    for (const timer of set) if (first === undefined || timer.due < first.due) first = timer
    return first
  }

  return {
    clock: { now: () => instant(ahead + monotonic), monotonic: () => monotonic },
    timers: {
      after: (ms, run) => {
        const timer = { due: monotonic + Math.max(ms - earlyMs, 0.5), run }
        set.add(timer)
        return () => {
          set.delete(timer)
        }
      },
    },
    advance: async (ms) => {
      const end = monotonic + ms
      await settled()
      for (let timer = firstDue(); timer !== undefined && timer.due <= end; timer = firstDue()) {
        set.delete(timer)
        monotonic = Math.max(monotonic, timer.due)
        timer.run()
        await settled()
      }
      monotonic = end
    },
    block: (ms) => {
      monotonic += ms
    },
    setWall: (at) => {
      ahead = at - monotonic
    },
    waiting: () => set.size,
  }
}

/** One turn of the event loop: promises that wait for nothing but each other have settled after it. */
const settled = () =>
  new Promise<void>((done) => {
    setImmediate(done)
  })
