import { eventDuration } from '../catalog/records.ts'
import {
  DAY,
  HOUR,
  instant,
  MINUTE,
  windowStart,
  type Instant,
  type TimeRange,
} from '../points/instant.ts'
import type { RecordStore } from '../store/records.ts'
import { quantileOfSorted } from './statistics/quantile.ts'

/** How timing events are put together, in UTC. */
export const EVENT_GROUPS = { minutes: MINUTE, hours: HOUR, days: DAY } as const
export type EventGroup = keyof typeof EVENT_GROUPS

export const isEventGroup = (text: string): text is EventGroup => Object.hasOwn(EVENT_GROUPS, text)

/** Durations of the events of one group, milliseconds, exact. */
export type EventStatistics = {
  /** The start of the group. */
  readonly at: Instant
  readonly count: number
  readonly min: number
  readonly max: number
  readonly mean: number
  readonly median: number
  readonly p75: number
  readonly p90: number
}

export type EventQuestion = {
  /** The title as it is kept. */
  readonly project: string
  readonly metric: string
  /** Half-open. */
  readonly range: TimeRange
  readonly groupBy: EventGroup
}

/**
 * Statistics of every group that holds an event, in order, from the events themselves: no tier knows a median.
 * In memory are the durations of one group at a time.
 */
export const eventStatistics = async (
  records: Pick<RecordStore, 'values'>,
  { project, metric, range, groupBy }: EventQuestion,
): Promise<readonly EventStatistics[]> => {
  const { dataset, measurement } = eventDuration
  const selection = { dataset, measurement, range, tags: { project, metric } }
  const groups: EventStatistics[] = []
  const durations = growing()
  let at: Instant | undefined
  const close = () => {
    if (at !== undefined) groups.push(statisticsOf(at, durations.taken()))
  }
  for await (const block of records.values(selection, 'duration_ms'))
    for (let row = 0; row < block.at.length; row += 1) {
      const start = windowStart(block.at[row] ?? 0, EVENT_GROUPS[groupBy])
      if (start !== at) {
        close()
        at = start
      }
      durations.add(block.value[row] ?? 0)
    }
  close()
  return groups
}

/** `durations` are sorted in place. */
const statisticsOf = (at: Instant, durations: Float64Array): EventStatistics => {
  durations.sort()
  const count = durations.length
  let sum = 0
  for (const one of durations) sum += one
  return {
    at,
    count,
    min: durations[0] ?? 0,
    max: durations[count - 1] ?? 0,
    mean: sum / count,
    median: quantileOfSorted(durations, 0.5),
    p75: quantileOfSorted(durations, 0.75),
    p90: quantileOfSorted(durations, 0.9),
  }
}

/** Numbers of an unknown count, without an object for each. */
const growing = () => {
  let numbers = new Float64Array(1_024)
  let count = 0
  return {
    add: (one: number) => {
      if (count === numbers.length) {
        const larger = new Float64Array(2 * count)
        larger.set(numbers)
        numbers = larger
      }
      numbers[count] = one
      count += 1
    },
    /** What was added since the last time; good until the next `add`. */
    taken: (): Float64Array => {
      const taken = numbers.subarray(0, count)
      count = 0
      return taken
    },
  }
}

/** A name under which a project has events. */
export type EventMetric = {
  readonly metric: string
  readonly first: Instant
  readonly last: Instant
  readonly count: number
}

export const eventMetrics = async (
  records: Pick<RecordStore, 'series'>,
  project: string,
): Promise<readonly EventMetric[]> => {
  const { dataset, measurement } = eventDuration
  const series = await records.series(dataset, measurement, { project })
  return series.map(({ tags, first, last, count }) => ({
    metric: tags['metric'] ?? '',
    first: instant(first),
    last: instant(last),
    count,
  }))
}
