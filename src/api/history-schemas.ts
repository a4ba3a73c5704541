import { z } from '@hono/zod-openapi'
import { CONTRACT_METRICS, METRICS } from '../catalog/catalog.ts'
import { ANSWERED_INTERVALS } from '../history/interval.ts'
import { INTERVALS } from '../history/history.ts'
import { COMPARED_TO, PERIODS } from '../history/periods.ts'
import { dataSchemaName } from './metric-schemas.ts'

/** How history's questions and answers look in the document; the questions are parsed by history itself. */
const text = (description: string, more: object = {}) =>
  z
    .string()
    .optional()
    .openapi({ description, ...more })

const required = { param: { required: true } }

const MetricType = text(
  'A metric, or with what `types?all=true` lists a pushed measurement; `perf` means `perf_events`',
  { example: 'cpu', enum: [...CONTRACT_METRICS, 'perf'], ...required },
)
const Interval = text('Window length; auto by the length of the range', {
  enum: [...INTERVALS],
  default: 'auto',
})
const Limit = text('The most points, 1 to 10000', { example: '1000', default: '1000' })
const Host = text('A host; without it this server’s own')
const Format = text('`csv`: the same as CSV; so does `Accept: text/csv`', {
  enum: ['json', 'csv'],
  default: 'json',
})
const time = (description: string, more: object = {}) =>
  text(`${description}: ISO 8601 (without an offset UTC) or Unix seconds`, {
    example: '2025-01-18T10:00:00Z',
    ...more,
  })

export const RangeQuery = z.object({
  metric_type: MetricType,
  start_time: time('The start', required),
  end_time: time('The end', required),
  interval: Interval,
  limit: Limit,
  stats: text('`true`: each point also has `min` and `max`', { enum: ['true', 'false'] }),
  host: Host,
  format: Format,
})

export const CompareQuery = z.object({
  metric_type: MetricType,
  period: text('Relative mode: the period that ends now', { enum: [...PERIODS] }),
  compare_to: text('Relative mode: the same period before', { enum: [...COMPARED_TO] }),
  start_time_1: time('Custom mode: the start of the current period'),
  end_time_1: time('Custom mode: its end'),
  start_time_2: time('Custom mode: the start of the other period'),
  end_time_2: time('Custom mode: its end'),
  interval: Interval,
  limit: Limit,
  host: Host,
  format: Format,
})

export const TypesQuery = z.object({
  all: text('`true`: also what is no part of the six, and what was pushed', {
    enum: ['true', 'false'],
  }),
})

export const Types = z.object({ metric_types: z.array(z.string()).readonly() }).openapi('Types')

const Data = z.looseObject({}).openapi('Data', {
  description: 'The metric’s object, as in the live frame; what has no value is null.',
  anyOf: METRICS.map((metric) => ({ $ref: `#/components/schemas/${dataSchemaName(metric)}` })),
})

const DataPoint = z
  .object({
    timestamp: z.string().openapi({ description: 'The start of the window, UTC' }),
    data: Data,
    min: Data.optional(),
    max: Data.optional(),
  })
  .openapi('DataPoint')

const Period = z
  .object({
    start_time: z.string(),
    end_time: z.string(),
    count: z.number().int(),
    truncated: z.boolean(),
    data_points: z.array(DataPoint),
  })
  .openapi('Period')

const About = {
  metric_type: z.string(),
  interval: z.enum(ANSWERED_INTERVALS),
  sampling_interval_seconds: z.number(),
}

export const RangeAnswer = Period.extend(About).openapi('RangeAnswer')
export type RangeAnswer = z.infer<typeof RangeAnswer>

export const CompareAnswer = z
  .object({
    ...About,
    period: z.enum([...PERIODS, 'custom']),
    compare_to: z.enum([...COMPARED_TO, 'custom']),
    current: Period,
    comparison: Period,
    summary: z.object({
      current_avg: z.number().nullable(),
      comparison_avg: z.number().nullable(),
      change_percent: z.number().nullable(),
      fields: z.record(
        z.string(),
        z.object({
          current: z.number().nullable(),
          comparison: z.number().nullable(),
          change_percent: z.number().nullable(),
          effect_size: z.number().nullable().openapi({ description: 'Hedges’ g' }),
          significant: z.boolean().nullable().openapi({
            description:
              'Whether the windows of the two periods differ by more than chance (Welch’s test)',
          }),
          significant_paired: z.boolean().nullable().openapi({
            description:
              'Whether windows at the same time of day do (paired t test); null where the periods are not whole days apart',
          }),
        }),
      ),
    }),
  })
  .openapi('CompareAnswer')
export type CompareAnswer = z.infer<typeof CompareAnswer>
