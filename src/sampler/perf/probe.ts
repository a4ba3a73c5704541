import { eventName } from './csv-line.ts'
import { failureOf, UNSUPPORTED, type Failure } from './explain-failure.ts'
import type { PerfHost } from './perf-host.ts'
import { LOG_FD } from './perf-process.ts'
import { runOnce, type RunOnceDeps } from './run-once.ts'

export type Outcome = { readonly kind: 'counted' } | Failure

const COUNTED: Outcome = { kind: 'counted' }

/** `all`, or a list such as `0-3,5`. */
export type Cores = string

/** The arguments of every `perf stat` of ours; -a also with -C, or perf would follow the command alone. */
export const statArgs = (cores: Cores, events: string, rest: readonly string[]): string[] => [
  'stat',
  '-a',
  ...(cores === 'all' ? [] : ['-C', cores]),
  '-x,',
  '--log-fd',
  String(LOG_FD),
  '-e',
  events,
  ...rest,
]

export type ProbeDeps = RunOnceDeps & { readonly host: PerfHost; readonly cores: Cores }

/**
 * What becomes of each event. One unknown name ends the whole command, so a list that fails is halved
 * until the names that are at fault stand alone: one process where all is well, few where it is not.
 */
export const probeEvents = async (
  deps: ProbeDeps,
  asked: readonly string[],
): Promise<ReadonlyMap<string, Outcome>> => {
  const ran = await runOnce(deps, statArgs(deps.cores, asked.join(','), ['--', 'true']))
  if (succeeded(ran.end.code, ran.late)) return outcomes(ran.log, asked)
  const failure = failureOf(ran, deps.host)
  // halving helps against names only; what is forbidden or stuck is so for every event
  if (asked.length === 1 || failure.kind === 'forbidden' || failure.kind === 'missing')
    return new Map(asked.map((event) => [event, failure]))
  if (failure.kind === 'late' || deps.signal.aborted)
    return new Map(asked.map((event) => [event, failure]))
  const half = Math.ceil(asked.length / 2)
  return new Map([
    ...(await probeEvents(deps, asked.slice(0, half))),
    ...(await probeEvents(deps, asked.slice(half))),
  ])
}

/** Whether perf counts every one of the events: one process, and no matter which is at fault. */
export const countsAll = async (deps: ProbeDeps, asked: readonly string[]): Promise<boolean> => {
  const ran = await runOnce(deps, statArgs(deps.cores, asked.join(','), ['--', 'true']))
  if (!succeeded(ran.end.code, ran.late)) return false
  return [...outcomes(ran.log, asked).values()].every(({ kind }) => kind === 'counted')
}

/** Whether perf counts the events as one group, that is at the same moments. */
export const probeGroup = async (deps: ProbeDeps, events: readonly string[]): Promise<boolean> => {
  const group = `{${events.join(',')}}`
  const ran = await runOnce(deps, statArgs(deps.cores, group, ['--', 'true']))
  if (!succeeded(ran.end.code, ran.late)) return false
  // on hybrid processors an older perf dissolves a group and says so
  if (/grouped events|disabling group|different hybrid PMUs/i.test(ran.end.errors)) return false
  const lines = linesOf(ran.log)
  return events.every((event) => NUMERIC.test(lines.get(event) ?? ''))
}

const NOT_SUPPORTED = '<not supported>'
const NUMERIC = /^\d/

const succeeded = (code: number | null, late: boolean): boolean => code === 0 && !late

const outcomes = (log: string, asked: readonly string[]): ReadonlyMap<string, Outcome> => {
  const lines = linesOf(log)
  return new Map(
    asked.map((event) => {
      const count = lines.get(printedName(event))
      return [event, count === undefined || count === NOT_SUPPORTED ? UNSUPPORTED : COUNTED]
    }),
  )
}

/** The name that perf prints for what it was asked: its label where it has one. */
const printedName = (asked: string): string =>
  /,name=([^,/]+)\//.exec(asked)?.[1] ?? eventName(asked)

/** Event -> count as printed, without -I: `count,unit,event,...`; `<not supported>` of any kind of core wins. */
const linesOf = (log: string): ReadonlyMap<string, string> => {
  const lines = new Map<string, string>()
  for (const line of log.split('\n')) {
    const [count = '', , printed = ''] = line.trim().split(',')
    if (printed === '') continue
    const event = eventName(printed)
    if (lines.get(event) !== NOT_SUPPORTED) lines.set(event, count)
  }
  return lines
}
