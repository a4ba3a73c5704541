import { PERF_EVENTS, perfEvents, perfField } from '../../catalog/perf-events.ts'
import type { Candidate, ExtraField } from './event-table.ts'

/** How one field of the series is made from the counts of an interval. */
export type Slot = {
  readonly field: string
  /** Names as the intervals have them; their counts are added up. */
  readonly events: readonly string[]
  readonly factor: number
  readonly bytes: boolean
}

/** What the long-lived perf is asked for, and what becomes of it. */
export type Plan = {
  /** The value of `perf stat -e`. */
  readonly eventList: string
  readonly slots: readonly Slot[]
  /** Cycles and instructions are counted at the same moments, so that their ratio means something. */
  readonly grouped: boolean
}

/** The pair that gives instructions per cycle. */
export const IPC_PAIR = ['cycles', 'instructions'] as const

/** Every field of the series without a value. */
export const NO_FIELDS: Readonly<Record<string, null>> = Object.fromEntries(
  Object.keys(perfEvents.series[0].fields).map((field) => [field, null]),
)

export type Chosen = { readonly field: ExtraField; readonly candidate: Candidate }

/** The plan for the standard events that this machine counts, and the candidates chosen for the rest. */
export const planOf = (
  counted: ReadonlySet<string>,
  chosen: readonly Chosen[],
  grouped: boolean,
): Plan => {
  const standard = PERF_EVENTS.filter((event) => counted.has(event))
  const asked = new Set<string>()
  if (grouped) asked.add(`{${IPC_PAIR.join(',')}}`)
  for (const event of standard) if (!grouped || !isPair(event)) asked.add(event)
  for (const { candidate } of chosen) for (const { ask } of candidate.events) asked.add(ask)
  return {
    eventList: [...asked].join(','),
    slots: [
      ...standard.map((event) => ({
        field: perfField(event),
        events: [event.toLowerCase()],
        factor: 1,
        bytes: false,
      })),
      ...chosen.map(({ field, candidate }) => ({
        field,
        events: candidate.events.map(({ prints }) => prints.toLowerCase()),
        factor: candidate.factor,
        bytes: candidate.bytes,
      })),
    ],
    grouped,
  }
}

const isPair = (event: string): boolean => IPC_PAIR.some((one) => one === event)
