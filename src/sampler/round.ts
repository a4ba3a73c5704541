import type { MetricName } from '../catalog/catalog.ts'
import type { Clock } from '../points/clock.ts'
import type { Instant } from '../points/instant.ts'
import type { CollectorError, Reading, Sample } from '../points/sample.ts'
import type { Collector, Tick } from './collector.ts'
import type { Timers } from './timers.ts'

/** As pino's, as far as it is used here. */
export type SamplerLog = {
  info(data: object, sentence: string): void
  warn(data: object, sentence: string): void
}

export type CollectorFigures = {
  readonly runs: number
  readonly failures: number
  /** From the call to its answer, in milliseconds; waiting included. */
  readonly lastMs: number
  readonly totalMs: number
}

export type Rounds = {
  /** One sample: every collector asked once, all at the same time. Never rejects. */
  run(at: Instant, intervalMs: number): Promise<Sample>
  figures(): Readonly<Partial<Record<MetricName, CollectorFigures>>>
}

const DEADLINE_MS = 2_000

type Answer = { readonly metric: MetricName; readonly reading: Reading; readonly failed: boolean }

/** Asks collectors. One that fails or is late is reported, and the others are not held up by it. */
export const openRounds = ({
  clock,
  timers,
  host,
  collectors,
  log,
}: {
  readonly clock: Clock
  readonly timers: Timers
  /** The name of this host. */
  readonly host: string
  readonly collectors: readonly Collector[]
  readonly log?: SamplerLog | undefined
}): Rounds => {
  const askers = collectors.map((collector) => openAsker(collector, clock, timers, log))
  return {
    run: async (at, intervalMs) => {
      const tick: Tick = { at, monotonicMs: clock.monotonic() }
      const answers = await Promise.all(askers.map(async ({ ask }) => ask(tick, intervalMs / 2)))
      const readings: Partial<Record<MetricName, Reading>> = {}
      const errors: CollectorError[] = []
      for (const { metric, reading, failed } of answers) {
        readings[metric] = reading
        if (failed && reading.kind === 'unavailable')
          errors.push({ collector: metric, message: reading.reason })
      }
      return { at, host, readings, errors }
    },
    figures: () =>
      Object.fromEntries(askers.map(({ metric, figures }) => [metric, figures()] as const)),
  }
}

const openAsker = (
  collector: Collector,
  clock: Clock,
  timers: Timers,
  log: SamplerLog | undefined,
) => {
  const { metric } = collector
  let [runs, failures, lastMs, totalMs] = [0, 0, 0, 0]
  let calledOut = false
  let failing: string | undefined

  const note = (startedMs: number) => {
    lastMs = clock.monotonic() - startedMs
    totalMs += lastMs
  }
  const good = (reading: Reading): Answer => {
    if (failing !== undefined) log?.info({ collector: metric }, 'A collector works again.')
    failing = undefined
    return { metric, reading, failed: false }
  }
  const bad = (reason: string): Answer => {
    failures++
    // said once, not at every tick for as long as it lasts
    if (failing !== reason)
      log?.warn({ collector: metric, reason }, 'A collector failed; its values are null.')
    failing = reason
    return { metric, reading: { kind: 'unavailable', reason }, failed: true }
  }

  const waitFor = (given: Promise<Reading>, startedMs: number, deadlineMs: number) =>
    new Promise<Answer>((done) => {
      let inTime = true
      const cancel = timers.after(deadlineMs, () => {
        inTime = false
        done(bad(`It took longer than ${deadlineMs} ms.`))
      })
      const settle = (answer: () => Answer) => {
        calledOut = false
        note(startedMs)
        if (!inTime) return
        cancel()
        done(answer())
      }
      given.then(
        (reading) => settle(() => good(reading)),
        (cause: unknown) => settle(() => bad(messageOf(cause))),
      )
    })

  const ask = (tick: Tick, longestMs: number): Answer | Promise<Answer> => {
    if (calledOut) return bad('It has not come back from an earlier call yet.')
    runs++
    const startedMs = clock.monotonic()
    try {
      const given = collector.collect(tick)
      if (given instanceof Promise) {
        calledOut = true
        return waitFor(given, startedMs, Math.min(collector.deadlineMs ?? DEADLINE_MS, longestMs))
      }
      note(startedMs)
      return good(given)
    } catch (cause) {
      note(startedMs)
      return bad(messageOf(cause))
    }
  }

  return { metric, ask, figures: (): CollectorFigures => ({ runs, failures, lastMs, totalMs }) }
}

const messageOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message : String(cause)
