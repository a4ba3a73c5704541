import { z } from 'zod'
import type { CompareAnswer, RangeAnswer } from '../../history/history.ts'
import { INTERVALS } from '../../history/history.ts'
import type { JsonObject } from '../../points/layout.ts'

// what JSON.parse gives is JSON all the way down; to walk ten thousand points again would only cost time
const data = z.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
)

const DataPoint = z.object({ timestamp: z.string(), data })
const interval = z.enum(INTERVALS).exclude(['auto'])
const number = z.number().nullable()

const Period = z.object({
  start_time: z.string(),
  end_time: z.string(),
  count: z.number(),
  truncated: z.boolean(),
  data_points: z.array(DataPoint),
})

/** What a server answers to the history question. */
export const RangeReply: z.ZodType<RangeAnswer> = Period.extend({
  metric_type: z.string(),
  interval,
  sampling_interval_seconds: z.number(),
})

/** What a server answers to the compare question. */
export const CompareReply: z.ZodType<CompareAnswer> = z.object({
  metric_type: z.string(),
  period: z.string(),
  compare_to: z.string(),
  interval,
  sampling_interval_seconds: z.number(),
  current: Period,
  comparison: Period,
  summary: z.object({
    current_avg: number,
    comparison_avg: number,
    change_percent: number,
    fields: z.record(
      z.string(),
      z.object({
        current: number,
        comparison: number,
        change_percent: number,
        effect_size: number,
        significant: z.boolean().nullable(),
        // A server of before this field has none.
        significant_paired: z.boolean().nullable().default(null),
      }),
    ),
  }),
})
