import type { Clock } from '../../points/clock.ts'
import type { Timers } from '../timers.ts'
import { endOf, failureOf } from './explain-failure.ts'
import { gatherIntervals, type Interval } from './intervals.ts'
import type { PerfHost } from './perf-host.ts'
import type { LaunchPerf, PerfEnd } from './perf-process.ts'
import type { Plan } from './plan.ts'
import { statArgs } from './probe.ts'
import { surveyPerf } from './survey.ts'
import { wait } from './wait.ts'

export type PerfDeps = {
  readonly launch: LaunchPerf
  readonly clock: Pick<Clock, 'monotonic'>
  readonly timers: Timers
  readonly readHost: () => PerfHost
}

export type Counting = { readonly cores: string; readonly intervalMs: number }

/** What becomes of the long-lived perf. */
export type Progress = {
  /** It was started; intervals of this plan follow. */
  onStart(plan: Plan): void
  onInterval(interval: Interval): void
  /** Nothing is counted until the next `onStart`; the reason is a sentence. */
  onUnavailable(reason: string): void
}

export type Counter = {
  /** Closes an interval that is whole but has no successor yet. */
  settle(): void
  /** Ends perf; resolves when it has gone. */
  stop(): Promise<void>
}

const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 300_000
/** A run as long as this was no failure to start: the next pause is short again. */
const GOOD_RUN_MS = 60_000
/** perf writes an interval in one go; what is silent for so long is whole. */
const SETTLED_MS = 50

/**
 * Keeps one perf running until it is stopped: finds out what can be counted, starts it, and starts it again
 * with growing pauses when it ends. Where the rights or the program are missing it looks again every five minutes.
 */
export const keepCounting = (
  deps: PerfDeps,
  { cores, intervalMs }: Counting,
  progress: Progress,
): Counter => {
  const { launch, clock, timers } = deps
  const stopped = new AbortController()
  const { signal } = stopped
  let current: (() => void) | undefined

  /** One perf, from its start to its end; `heard`: whether it gave any interval. */
  const run = async (plan: Plan): Promise<{ readonly end: PerfEnd; readonly heard: boolean }> => {
    let heard = false
    let lastText = clock.monotonic()
    const intervals = gatherIntervals((interval) => {
      heard = true
      progress.onInterval(interval)
    })
    current = () => {
      if (clock.monotonic() - lastText >= SETTLED_MS) intervals.settle()
    }
    const args = statArgs(cores, plan.eventList, ['-I', String(intervalMs), '--', 'cat'])
    const perf = launch(args, (text) => {
      lastText = clock.monotonic()
      intervals.push(text)
    })
    progress.onStart(plan)
    const stop = () => void perf.stop()
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    const end = await perf.ended
    signal.removeEventListener('abort', stop)
    current = undefined
    intervals.settle()
    return { end, heard }
  }

  const loop = async () => {
    let plan: Plan | undefined
    let pause = FIRST_PAUSE_MS
    const rest = async (reason: string, ms: number) => {
      progress.onUnavailable(reason)
      await wait(timers, ms, signal)
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
    }
    while (!signal.aborted) {
      const host = deps.readHost()
      if (plan === undefined) {
        const survey = await surveyPerf({ launch, timers, signal, host, cores })
        if (signal.aborted) return
        if (survey.kind === 'unavailable') {
          await rest(survey.reason, survey.lasting ? LONGEST_PAUSE_MS : pause)
          continue
        }
        plan = survey.plan
      }
      const began = clock.monotonic()
      const { end, heard } = await run(plan)
      if (signal.aborted) return
      if (clock.monotonic() - began >= GOOD_RUN_MS) pause = FIRST_PAUSE_MS
      // it never counted: an event may have gone, or the rights
      if (!heard) plan = undefined
      const failure = failureOf({ end, log: '', late: false }, host)
      const plain = failure.kind === 'forbidden' || failure.kind === 'missing'
      await rest(
        `${plain ? failure.why : `${endOf(end)}.`} It is started again in ${Math.round(pause / 1_000)} s.`,
        pause,
      )
    }
  }

  const over = loop().catch((error: unknown) => {
    progress.onUnavailable(`perf cannot be run: ${String(error)}.`)
  })
  return {
    settle: () => current?.(),
    stop: async () => {
      stopped.abort()
      await over
    },
  }
}
