import type { Reading } from '../../points/sample.ts'
import type { Collector, Tick } from '../collector.ts'
import type { Interval } from './intervals.ts'
import { keepCounting, type Counter, type PerfDeps } from './keep-counting.ts'
import type { Plan } from './plan.ts'
import { tallyOf, type PerfFields, type Tally } from './tally.ts'

export type PerfConfig = {
  readonly enabled: boolean
  /** `all`, or a list such as `0-3,5`. */
  readonly cpuCores: string
  readonly intervalMs: number
}

export type PerfCollector = Omit<Collector, 'collect' | 'close'> & {
  /** Never waits: perf counts by itself between the samples. */
  collect(tick: Tick): Reading
  /** Takes another configuration at once; nothing happens where it is the same. */
  reconfigure(config: PerfConfig): void
  /** Ends perf; resolves when no process of ours is left. Never rejects. */
  close(): Promise<void>
}

/** A value older than so many intervals (of perf, or of the samples) says nothing of now. */
const STALE_INTERVALS = 2.5

type State =
  | {
      readonly kind: 'unavailable'
      readonly reason: string
      /** What was counted before perf ended and no sample has taken yet. */
      readonly left?: Tally | undefined
    }
  | { readonly kind: 'counting'; readonly tally: Tally; readonly plan: Plan; newest: Newest | null }
type Newest = { readonly interval: Interval; readonly monotonicMs: number }

const STARTING = 'perf is starting.'
const DISABLED = 'Disabled by perf_events_enabled.'
const CLOSED = 'perf was stopped.'
const SILENT = 'perf has given nothing for a while.'

/**
 * Counts per second from one long-lived `perf stat`. A sample is the mean of perf's intervals since the one
 * before; where perf's interval is the longer one, its newest. Counting goes on between samples, so
 * `collect` itself only adds up.
 */
export const perfCollector = (deps: PerfDeps, initial: PerfConfig): PerfCollector => {
  let config: PerfConfig = { ...initial, enabled: false }
  let state: State = { kind: 'unavailable', reason: DISABLED }
  let counter: Counter | undefined
  let gone: Promise<void> = Promise.resolve()
  let closed = false
  let lastCollectMs: number | undefined

  const begin = ({ cpuCores, intervalMs }: PerfConfig) => {
    state = { kind: 'unavailable', reason: STARTING }
    const mine = keepCounting(
      deps,
      { cores: cpuCores, intervalMs },
      {
        onStart: (plan) => {
          if (counter !== mine) return
          state = { kind: 'counting', plan, tally: tallyOf(plan), newest: null }
        },
        onInterval: (interval) => {
          if (counter !== mine || state.kind !== 'counting') return
          state.tally.add(interval)
          state.newest = { interval, monotonicMs: deps.clock.monotonic() }
        },
        onUnavailable: (reason) => {
          if (counter !== mine) return
          const left = state.kind === 'counting' ? state.tally : state.left
          state = { kind: 'unavailable', reason, left }
        },
      },
    )
    counter = mine
  }

  const end = () => {
    const ending = counter
    counter = undefined
    if (ending !== undefined) gone = Promise.all([gone, ending.stop()]).then(() => undefined)
  }

  const reconfigure = (next: PerfConfig) => {
    if (closed) return
    const same =
      next.enabled === config.enabled &&
      next.cpuCores === config.cpuCores &&
      next.intervalMs === config.intervalMs
    config = next
    if (same) return
    end()
    if (next.enabled) begin(next)
    else state = { kind: 'unavailable', reason: DISABLED }
  }

  reconfigure(initial)

  const fieldsNow = (monotonicMs: number): PerfFields | undefined => {
    if (state.kind === 'unavailable') return state.left?.take()
    const fresh = state.tally.take()
    if (fresh !== undefined) return fresh
    const { newest, plan } = state
    if (newest === null) return undefined
    const samplingMs = lastCollectMs === undefined ? 0 : monotonicMs - lastCollectMs
    const stale = STALE_INTERVALS * Math.max(config.intervalMs, samplingMs)
    if (monotonicMs - newest.monotonicMs > stale) return undefined
    const again = tallyOf(plan)
    again.add(newest.interval)
    return again.take()
  }

  const collect = (monotonicMs: number): Reading => {
    counter?.settle()
    const fields = fieldsNow(monotonicMs)
    const started = state.kind === 'counting' ? state.newest !== null : false
    lastCollectMs = monotonicMs
    const facts = [config.cpuCores, config.intervalMs]
    if (fields !== undefined) return { kind: 'ok', rows: [{ measurement: 'perf', fields }], facts }
    const reason = state.kind === 'unavailable' ? state.reason : started ? SILENT : STARTING
    return { kind: 'unavailable', reason, facts }
  }

  return {
    metric: 'perf_events',
    collect: ({ monotonicMs }) => collect(monotonicMs),
    reconfigure,
    close: async () => {
      closed = true
      end()
      state = { kind: 'unavailable', reason: CLOSED }
      await gone
    },
  }
}
