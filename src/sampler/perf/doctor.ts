import { PERF_EVENTS, type PerfEvent } from '../../catalog/perf-events.ts'
import type { ExtraField } from './event-table.ts'
import type { PerfDeps } from './keep-counting.ts'
import type { Vendor } from './perf-host.ts'
import type { Cores } from './probe.ts'
import { surveyPerf, type Survey } from './survey.ts'

/** What performance events give on this host and what not, and why. */
export type PerfReport = {
  readonly available: boolean
  /** A sentence where nothing can be counted. */
  readonly reason: string | null
  /** perf's own version; null where it is not installed or does not start. */
  readonly version: string | null
  readonly paranoid: number | null
  readonly vendor: Vendor
  /** The 17 events, in the catalogue's order. */
  readonly events: readonly {
    readonly event: PerfEvent
    readonly counted: boolean
    readonly why: string | null
  }[]
  /** Instructions per cycle, from one group. */
  readonly ipc: boolean
  /** The fields beyond the events, and the events that fill them; null where none does. */
  readonly extras: readonly { readonly field: ExtraField; readonly by: string | null }[]
  /** Sentences that say what a person can do. */
  readonly advice: readonly string[]
}

/** Tries everything once, for `perfwatch doctor`: some tens of short processes, no more than a second or two. */
export const explainPerf = async (
  { launch, timers, readHost }: Omit<PerfDeps, 'clock'>,
  cores: Cores = 'all',
): Promise<PerfReport> => {
  const host = readHost()
  const { signal } = new AbortController()
  const survey = await surveyPerf({ launch, timers, signal, host, cores })
  const common = { version: survey.version, paranoid: host.paranoid, vendor: host.vendor }
  if (survey.kind === 'unavailable')
    return {
      ...common,
      available: false,
      reason: survey.reason,
      events: PERF_EVENTS.map((event) => ({ event, counted: false, why: survey.reason })),
      ipc: false,
      extras: [],
      // the reason says what to do
      advice: [],
    }
  return {
    ...common,
    available: true,
    reason: null,
    events: PERF_EVENTS.map((event) => {
      const outcome = survey.events.get(event)
      return outcome === undefined || outcome.kind === 'counted'
        ? { event, counted: outcome !== undefined, why: null }
        : { event, counted: false, why: outcome.why }
    }),
    ipc: survey.plan.grouped,
    extras: survey.extras,
    advice: adviceFor(survey, cores),
  }
}

const adviceFor = (survey: Extract<Survey, { kind: 'ready' }>, cores: Cores): string[] => {
  if (survey.events.get('cycles')?.kind !== 'counted')
    return [
      "There are no hardware counters: in a virtual machine its host must pass them on (libvirt: <pmu state='on'/>; most clouds do so on whole machines only). The kernel's own events work.",
    ]
  const advice: string[] = []
  if (!survey.plan.grouped)
    advice.push(
      'Cycles and instructions cannot be counted as one group, so there is no IPC: another program may hold the counters, such as the NMI watchdog (`sysctl kernel.nmi_watchdog=0` frees one).',
    )
  const memory = survey.extras.find(({ field }) => field === 'memory_bandwidth_read_mbps')
  if (memory?.by === null)
    advice.push(
      cores === 'all'
        ? 'Memory bandwidth is not measured: it needs the memory controllers of an Intel or AMD machine that is not virtual, and a perf as new as its processor.'
        : 'Memory bandwidth belongs to the socket and is measured only with perf_events_cpu_cores set to all.',
    )
  return advice
}
