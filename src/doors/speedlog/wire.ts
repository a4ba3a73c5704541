import { z } from 'zod'

/** What clients of Speedlog send and get. Keys that are not named are ignored. */
export const LoginBody = z.object({ login: z.string(), password: z.string() })
export const LoginAnswer = z.object({ token: z.string() })

export const ProjectBody = z.object({ title: z.string() })

export const MOST_METRIC_NAME = 128

const Name = z.string().min(1).max(MOST_METRIC_NAME)
const Duration = z.number().nonnegative()

/** Either spelling of the two names. */
export const EventFields = z.object({
  metricName: Name.optional(),
  metric_name: Name.optional(),
  durationMs: Duration.optional(),
  duration_ms: Duration.optional(),
})

/** The first spelling counts where both are there. */
export const EventBody = EventFields.transform((body, context) => {
  const metric = body.metricName ?? body.metric_name
  const durationMs = body.durationMs ?? body.duration_ms
  if (metric !== undefined && durationMs !== undefined) return { metric, durationMs }
  context.addIssue({
    code: 'custom',
    path: [metric === undefined ? 'metricName' : 'durationMs'],
    message: 'is required',
  })
  return z.NEVER
})

export const Saved = z.object({ saved: z.literal(true) })
export const Refusal = z.object({ message: z.string() })

/** One group of events. Middle is the arithmetic mean. */
export const EventGroupAnswer = z.object({
  MetricName: z.string(),
  MetricTime: z.string(),
  ProjectId: z.string(),
  MaxDurationMs: z.number(),
  MinDurationMs: z.number(),
  MedianDurationMs: z.number(),
  MiddleDurationMs: z.number(),
  EventCount: z.number(),
  Percentile75DurationMs: z.number(),
  Percentile90DurationMs: z.number(),
})
export type EventGroupAnswer = z.infer<typeof EventGroupAnswer>
