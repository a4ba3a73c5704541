import type { MetricName } from '../catalog/catalog.ts'
import type { Clock } from '../points/clock.ts'
import type { Instant } from '../points/instant.ts'
import type { Sample } from '../points/sample.ts'
import type { Collector } from './collector.ts'
import { openRounds, type CollectorFigures, type SamplerLog } from './round.ts'
import { judge, nextTick } from './ticks.ts'
import type { Timers } from './timers.ts'

export type SamplerFigures = {
  /** Ticks that were sampled. */
  readonly ticks: number
  /** Ticks that went by: the process or the machine was busy or asleep. */
  readonly skippedLate: number
  /** Ticks at which the round before had not ended. */
  readonly skippedOverlap: number
  /** Ticks at or before the newest stored one: the clock was set back. */
  readonly skippedOld: number
  /** Samples that `onSample` did not take. */
  readonly undelivered: number
  readonly collectors: Readonly<Partial<Record<MetricName, CollectorFigures>>>
}

export type Sampler = {
  /** The newest sample since the start. */
  latest(): Sample | null
  /** Samples at this interval from the next tick on. */
  reconfigure(intervalMs: number): void
  figures(): SamplerFigures
  /** Ends the round that runs, delivers its sample, and then resolves. Collectors belong to who opened them. */
  stop(): Promise<void>
}

export type SamplerDeps = {
  readonly clock: Clock
  readonly timers: Timers
  readonly intervalMs: number
  /** The name of this host. */
  readonly host: string
  readonly collectors: readonly Collector[]
  /** The newest tick that is stored of this host. */
  readonly newest: Instant | null
  /** Gets every sample, one after the other; the round has ended when this has. */
  readonly onSample: (sample: Sample) => Promise<void> | void
  readonly log?: SamplerLog | undefined
}

/** Timers follow the monotonic clock: waking at least this often notices a wall clock that was set. */
const LONGEST_WAIT_MS = 30_000

/** Samples the host at every tick, a multiple of the interval by the wall clock, until it is stopped. */
export const startSampler = ({
  clock,
  timers,
  intervalMs: firstIntervalMs,
  host,
  collectors,
  newest: newestStored,
  onSample,
  log,
}: SamplerDeps): Sampler => {
  const rounds = openRounds({ clock, timers, host, collectors, log })
  let intervalMs = firstIntervalMs
  let newest = newestStored
  let latest: Sample | null = null
  let running: Promise<void> | undefined
  let stopped = false
  let cancel: (() => void) | undefined
  let saidOld = false
  let [ticks, skippedLate, skippedOverlap, skippedOld, undelivered] = [0, 0, 0, 0, 0]

  const waitFor = (tick: Instant) => {
    const waitMs = Math.max(0, tick - clock.now())
    const dueMs = clock.monotonic() + waitMs
    cancel = timers.after(Math.min(waitMs, LONGEST_WAIT_MS), () => wake(tick, dueMs))
  }

  const wake = (scheduled: Instant, dueMs: number) => {
    const verdict = judge({
      scheduled,
      wall: clock.now(),
      overdueMs: clock.monotonic() - dueMs,
      intervalMs,
      newest,
      busy: running !== undefined,
    })
    // before the round, so that nothing a collector does can stop the clock
    waitFor(verdict.next)
    if (verdict.kind === 'wait') return
    skippedLate += verdict.missed
    switch (verdict.kind) {
      case 'sample':
        newest = verdict.tick
        saidOld = false
        running = sample(verdict.tick)
        return
      case 'late':
        skippedLate++
        return
      case 'overlap':
        skippedOverlap++
        return
      case 'old':
        skippedOld++
        if (saidOld) return
        saidOld = true
        log?.warn(
          { tick: verdict.tick, newest },
          'The clock is behind the newest sample; sampling goes on when it has caught up.',
        )
    }
  }

  const sample = async (tick: Instant) => {
    const taken = await rounds.run(tick, intervalMs)
    ticks++
    latest = taken
    try {
      await onSample(taken)
    } catch (cause) {
      undelivered++
      log?.warn({ tick, err: cause }, 'A sample was not taken by the store.')
    }
    running = undefined
  }

  waitFor(nextTick(clock.now(), intervalMs))

  return {
    latest: () => latest,
    reconfigure: (nextMs) => {
      if (stopped || nextMs === intervalMs) return
      intervalMs = nextMs
      cancel?.()
      waitFor(nextTick(clock.now(), intervalMs))
    },
    figures: () => ({
      ticks,
      skippedLate,
      skippedOverlap,
      skippedOld,
      undelivered,
      collectors: rounds.figures(),
    }),
    stop: async () => {
      stopped = true
      cancel?.()
      await running
    },
  }
}
