import type { Timers } from '../timers.ts'
import type { LaunchPerf, PerfEnd } from './perf-process.ts'
import { wait } from './wait.ts'

export type Ran = { readonly end: PerfEnd; readonly log: string; readonly late: boolean }

export type RunOnceDeps = {
  readonly launch: LaunchPerf
  readonly timers: Timers
  readonly signal: AbortSignal
}

const DEADLINE_MS = 10_000

/** Runs perf to its end and gives what it logged; it is stopped (`late`) at the deadline, or when the signal fires. */
export const runOnce = async (
  { launch, timers, signal }: RunOnceDeps,
  args: readonly string[],
): Promise<Ran> => {
  let log = ''
  const perf = launch(args, (text) => {
    log += text
  })
  const done = new AbortController()
  const either = AbortSignal.any([signal, done.signal])
  const timeUp = wait(timers, DEADLINE_MS, either).then(() => undefined)
  const end = await Promise.race([perf.ended, timeUp])
  done.abort()
  if (end !== undefined) return { end, log, late: false }
  return { end: await perf.stop(), log, late: true }
}
