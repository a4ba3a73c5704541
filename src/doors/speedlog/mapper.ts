import { eventDuration } from '../../catalog/records.ts'
import type { EventStatistics } from '../../history/events.ts'
import { toIso, type Instant } from '../../points/instant.ts'
import type { NewRecord } from '../../points/record.ts'
import type { EventGroupAnswer } from './wire.ts'

/** An event stands at its arrival: the clients send no time. */
export const toRecord = (
  project: string,
  { metric, durationMs }: { readonly metric: string; readonly durationMs: number },
  at: Instant,
): NewRecord => ({
  measurement: eventDuration.measurement,
  tags: { project, metric },
  at,
  fields: { duration_ms: durationMs },
})

export const toGroup = (
  projectId: number,
  metric: string,
  group: EventStatistics,
): EventGroupAnswer => ({
  MetricName: metric,
  MetricTime: toIso(group.at),
  ProjectId: String(projectId),
  MaxDurationMs: group.max,
  MinDurationMs: group.min,
  MedianDurationMs: group.median,
  MiddleDurationMs: group.mean,
  EventCount: group.count,
  Percentile75DurationMs: group.p75,
  Percentile90DurationMs: group.p90,
})

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z?$/

/** `2019-08-02T00:00:00` as UTC, milliseconds; undefined for anything else. */
export const parseUtc = (text: string): number | undefined => {
  if (!TIME.test(text)) return undefined
  const ms = Date.parse(text.endsWith('Z') ? text : `${text}Z`)
  // Date.parse takes 30 February for 2 March
  return Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(text.slice(0, 10))
    ? undefined
    : ms
}
