import type { Clock } from '../points/clock.ts'
import { instant, SECOND, windowStart } from '../points/instant.ts'
import type { Sample } from '../points/sample.ts'
import type { Collector } from './collector.ts'
import { openRounds } from './round.ts'
import type { Timers } from './timers.ts'

/** One sample outside of a running sampler: two rounds, `apartMs` apart, so that it has rates. Its time is a whole second. */
export const sampleOnce = async ({
  clock,
  timers,
  host,
  collectors,
  apartMs = 1_000,
}: {
  readonly clock: Clock
  readonly timers: Timers
  readonly host: string
  readonly collectors: readonly Collector[]
  readonly apartMs?: number
}): Promise<Sample> => {
  const rounds = openRounds({ clock, timers, host, collectors })
  // collectors keep their own deadlines: there is no next tick that could be held up
  const longestMs = Number.POSITIVE_INFINITY
  await rounds.run(instant(clock.now()), longestMs)
  await new Promise<void>((done) => {
    timers.after(apartMs, done)
  })
  return rounds.run(windowStart(clock.now(), SECOND), longestMs)
}
