import type { Timers } from '../timers.ts'
import { eventName } from './csv-line.ts'
import type { LaunchPerf, PerfEnd } from './perf-process.ts'

/** For tests: a perf that counts what a recorded stream holds, and nothing else. */

export type FakeRun = {
  readonly args: readonly string[]
  readonly stopped: () => boolean
  emit(text: string): void
  /** Emits the stream, without the lines of events that were not asked for. */
  replay(): void
  end(end: Partial<PerfEnd>): void
}

export type FakePerf = {
  readonly launch: LaunchPerf
  /** The arguments of every process, in order. */
  readonly launched: (readonly string[])[]
  /** The long-lived ones among them. */
  readonly runs: FakeRun[]
}

type Answer = { readonly log?: string; readonly end?: Partial<PerfEnd> }

export type FakeOptions = {
  /** Instead of what the stream says: how a short process answers; undefined: as the stream says. */
  readonly answer?: (args: readonly string[]) => Answer | 'never' | undefined
}

const GOOD: PerfEnd = { code: 0, signal: null, errors: '' }

export const fakePerf = (stream: string, { answer }: FakeOptions = {}): FakePerf => {
  const launched: (readonly string[])[] = []
  const runs: FakeRun[] = []

  const launch: LaunchPerf = (args, onLog) => {
    launched.push(args)
    let stopped = false
    let resolve: (end: PerfEnd) => void = () => undefined
    const ended = new Promise<PerfEnd>((done) => {
      resolve = done
    })
    const end = (how: Partial<PerfEnd>) => resolve({ ...GOOD, ...how })
    const process = {
      ended,
      stop: () => {
        stopped = true
        end({ code: null, signal: 'SIGINT' })
        return ended
      },
    }
    const special = answer?.(args)
    if (special === 'never') return process
    if (special !== undefined || !args.includes('-I')) {
      const { log = '', end: how = {} } = special ?? shortRun(args, stream)
      queueMicrotask(() => {
        onLog(log)
        end(how)
      })
      return process
    }
    runs.push({
      args,
      stopped: () => stopped,
      emit: onLog,
      replay: () => onLog(linesOf(args, stream)),
      end,
    })
    return process
  }
  return { launch, launched, runs }
}

const shortRun = (args: readonly string[], stream: string): Answer => {
  if (args.includes('--version')) return { log: 'perf version 6.1.0\n' }
  const all = new Map<string, string[]>()
  const [first = ''] = stream.trimStart().split(',')
  for (const line of stream.split('\n')) {
    const [time = '', ...rest] = line.trimStart().split(',')
    if (time !== first || rest[2] === undefined || rest[2] === '') continue
    const event = eventName(rest[2])
    all.set(event, [...(all.get(event) ?? []), rest.join(',')])
  }
  const asked = askedEvents(args)
  const unknown = asked.find((event) => !all.has(event))
  if (unknown !== undefined)
    return {
      end: { code: 129, errors: `event syntax error: '${unknown}'\n  \\___ parser error\n` },
    }
  const lines = asked.flatMap((event) => all.get(event) ?? [])
  // a group fails as a whole, as perf's does
  if (eventList(args).startsWith('{') && lines.some((line) => line.startsWith('<not supported>')))
    return { end: { code: 255, errors: 'Error:\nThe cycles event is not supported.\n' } }
  return { log: `${lines.join('\n')}\n` }
}

const linesOf = (args: readonly string[], stream: string): string => {
  const asked = new Set(askedEvents(args))
  return stream
    .split('\n')
    .filter((line) => {
      const printed = line.split(',')[3] ?? ''
      return printed === '' || asked.has(eventName(printed))
    })
    .join('\n')
}

const eventList = (args: readonly string[]): string => args[args.indexOf('-e') + 1] ?? ''

/** Splits at commas outside of slashes: `uncore_imc/data_reads,name=x/` is one event, printed as `x`. */
const askedEvents = (args: readonly string[]): string[] =>
  (
    eventList(args)
      .replaceAll(/[{}]/g, '')
      .match(/[^,/]+(\/[^/]*\/)?/g) ?? []
  ).map((event) => /,name=([^,/]+)\//.exec(event)?.[1] ?? eventName(event))

/** Time that the test turns by hand, and whatever waits for it. */
export const handTime = () => {
  let now = 0
  const waiting = new Map<object, { readonly at: number; readonly run: () => void }>()
  const timers: Timers = {
    after: (ms, then) => {
      const key = {}
      waiting.set(key, { at: now + ms, run: then })
      return () => waiting.delete(key)
    },
  }
  /** Lets everything that needs no time happen. */
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve))
  return {
    clock: { monotonic: () => now },
    timers,
    settled,
    pass: async (ms: number) => {
      now += ms
      for (const [key, { at, run }] of waiting) {
        if (at > now) continue
        waiting.delete(key)
        run()
      }
      await settled()
    },
    /** How many are waiting: none may be left behind. */
    waiting: () => waiting.size,
  }
}
