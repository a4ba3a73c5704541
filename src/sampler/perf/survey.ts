import { PERF_EVENTS } from '../../catalog/perf-events.ts'
import { extraSlots, type Candidate, type ExtraField } from './event-table.ts'
import { endOf, failureOf } from './explain-failure.ts'
import { IPC_PAIR, planOf, type Chosen, type Plan } from './plan.ts'
import { countsAll, probeEvents, probeGroup, type Outcome, type ProbeDeps } from './probe.ts'
import { runOnce } from './run-once.ts'

/** What perf can count here. `lasting`: trying again soon is of no use. */
export type Survey =
  | {
      readonly kind: 'unavailable'
      readonly version: string | null
      readonly reason: string
      readonly lasting: boolean
    }
  | {
      readonly kind: 'ready'
      readonly version: string
      readonly plan: Plan
      /** By the names of PERF_EVENTS. */
      readonly events: ReadonlyMap<string, Outcome>
      /** The events that fill each extra field; null where none does. */
      readonly extras: readonly { readonly field: ExtraField; readonly by: string | null }[]
    }

const unavailable = (reason: string, lasting: boolean, version: string | null = null): Survey => ({
  kind: 'unavailable',
  version,
  reason,
  lasting,
})

/** Finds out what can be counted, one small perf at a time. */
export const surveyPerf = async (deps: ProbeDeps): Promise<Survey> => {
  const { host, cores } = deps
  if (host.platform !== 'linux')
    return unavailable('Performance events need Linux and its perf program.', true)

  const asked = await runOnce(deps, ['--version'])
  if (asked.end.missing) return unavailable(failureOf(asked, host).why, true)
  if (asked.late) return unavailable('perf did not answer in time.', false)
  // some distributions install a wrapper that only says which package is missing for this kernel
  if (asked.end.code !== 0) return unavailable(`perf does not start: ${endOf(asked.end)}.`, true)
  const version = /perf version (\S+)/.exec(asked.log)?.[1] ?? 'unknown'

  const events = await probeEvents(deps, PERF_EVENTS)
  const clock = events.get('cpu-clock')
  if (clock !== undefined && clock.kind === 'forbidden')
    return unavailable(clock.why, true, version)
  const counted = new Set(PERF_EVENTS.filter((event) => events.get(event)?.kind === 'counted'))
  if (counted.size === 0)
    return unavailable(
      cores === 'all'
        ? `perf counts none of the events; of cpu-clock: ${clock === undefined || clock.kind === 'counted' ? 'Nothing was heard.' : clock.why}`
        : `perf counts nothing on the cores ${cores}; check perf_events_cpu_cores: a core may be absent or offline.`,
      false,
      version,
    )

  // without counters in the cores (a virtual machine) the finer names are not worth a process each
  const known = counted.has('cycles') ? events : null
  const extras: { field: ExtraField; candidate: Candidate | null }[] = []
  for (const { field, candidates } of extraSlots(host.vendor, {
    hybrid: host.hybrid,
    allCores: cores === 'all',
  }))
    extras.push({
      field,
      candidate: known === null ? null : await firstCounted(deps, candidates, known),
    })

  const pair = IPC_PAIR.every((event) => counted.has(event))
  const grouped = pair && (await probeGroup(deps, IPC_PAIR))
  return {
    kind: 'ready',
    version,
    plan: planOf(counted, extras.filter(isChosen), grouped),
    events,
    extras: extras.map(({ field, candidate }) => ({
      field,
      by: candidate === null ? null : candidate.events.map(({ ask }) => ask).join(' + '),
    })),
  }
}

/** The first candidate of which every event is counted; `known` holds what was tried already. */
const firstCounted = async (
  deps: ProbeDeps,
  candidates: readonly Candidate[],
  known: ReadonlyMap<string, Outcome>,
): Promise<Candidate | null> => {
  for (const candidate of candidates) {
    const asked = candidate.events.map(({ ask }) => ask)
    const tried = asked.map((event) => known.get(event))
    const good = tried.every((outcome) => outcome !== undefined)
      ? tried.every((outcome) => outcome?.kind === 'counted')
      : await countsAll(deps, asked)
    if (good) return candidate
  }
  return null
}

const isChosen = (extra: {
  readonly field: ExtraField
  readonly candidate: Candidate | null
}): extra is Chosen => extra.candidate !== null
