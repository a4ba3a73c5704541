import { z } from '@hono/zod-openapi'
import type { Accounts, Caller, Project } from '../../accounts/accounts.ts'
import { mayReadProject } from '../../accounts/projects.ts'
import { AppError } from '../../app-error.ts'
import { EVENT_GROUPS, eventMetrics, eventStatistics, isEventGroup } from '../../history/events.ts'
import { given, invalid, parsePeriod, required } from '../../history/parameters.ts'
import { NOT_FOUND } from '../../http/refusal.ts'
import { toIso } from '../../points/instant.ts'
import type { RecordStore } from '../../store/records.ts'
import { endpoint, type Endpoint } from '../endpoint.ts'

const tag = 'Events'
const UNKNOWN_PROJECT = { 404: 'There is no such project, or it is another client’s' }

const ProjectQuery = z.object({
  project: z
    .string()
    .optional()
    .openapi({ description: 'A title', param: { required: true } }),
})
const StatisticsQuery = ProjectQuery.extend({
  metric: z
    .string()
    .optional()
    .openapi({ param: { required: true } }),
  start_time: z
    .string()
    .optional()
    .openapi({ description: 'In the range', param: { required: true } }),
  end_time: z
    .string()
    .optional()
    .openapi({ description: 'Not in the range', param: { required: true } }),
  group_by: z
    .string()
    .optional()
    .openapi({ description: 'Groups in UTC', enum: Object.keys(EVENT_GROUPS), default: 'minutes' }),
})

const Metrics = z.object({
  metrics: z.array(
    z.object({
      metric: z.string(),
      first_at: z.string(),
      last_at: z.string(),
      count: z.number(),
    }),
  ),
})
export type EventMetrics = z.infer<typeof Metrics>
const Statistics = z.object({
  project: z.string(),
  metric: z.string(),
  group_by: z.string(),
  data_points: z.array(
    z.object({
      timestamp: z.string(),
      count: z.number(),
      min_ms: z.number(),
      max_ms: z.number(),
      mean_ms: z.number(),
      median_ms: z.number(),
      p75_ms: z.number(),
      p90_ms: z.number(),
    }),
  ),
})

export type EventStatistics = z.infer<typeof Statistics>

export type EventRouteDeps = {
  readonly projects: Accounts['projects']
  readonly records: Pick<RecordStore, 'values' | 'series'>
}

/** Timing events of projects, for the page: what Speedlog's clients have sent. */
export const eventRoutes = ({ projects, records }: EventRouteDeps): readonly Endpoint[] => {
  const readable = async ({ user }: Caller, title: string): Promise<Project> => {
    const project = await projects.find(title)
    if (project === null || !mayReadProject(user, project))
      throw new AppError({ code: 'not-found', detail: NOT_FOUND })
    return project
  }
  return [
    endpoint({
      method: 'get',
      path: '/api/events/metrics',
      access: 'everyone',
      tag,
      summary: 'The metrics under which a project has events',
      query: ProjectQuery,
      answer: { status: 200, description: 'The metrics, by name', schema: Metrics },
      others: UNKNOWN_PROJECT,
      async handle({ query, caller }) {
        const { title } = await readable(caller, required(query, 'project'))
        const metrics = await eventMetrics(records, title)
        return {
          metrics: metrics.map(({ metric, first, last, count }) => ({
            metric,
            first_at: toIso(first),
            last_at: toIso(last),
            count,
          })),
        }
      },
    }),
    endpoint({
      method: 'get',
      path: '/api/events',
      access: 'everyone',
      tag,
      summary: 'Exact statistics of a metric by minutes, hours or days',
      query: StatisticsQuery,
      answer: { status: 200, description: 'The groups that hold events', schema: Statistics },
      others: UNKNOWN_PROJECT,
      async handle({ query, caller }) {
        const metric = required(query, 'metric')
        const { start, end } = parsePeriod(query, 'start_time', 'end_time')
        const groupBy = given(query, 'group_by') ?? 'minutes'
        if (!isEventGroup(groupBy))
          throw invalid(`group_by must be one of: ${Object.keys(EVENT_GROUPS).join(', ')}`)
        const { title } = await readable(caller, required(query, 'project'))
        const groups = await eventStatistics(records, {
          project: title,
          metric,
          range: { from: start, to: end },
          groupBy,
        })
        return {
          project: title,
          metric,
          group_by: groupBy,
          data_points: groups.map(({ at, count, min, max, mean, median, p75, p90 }) => ({
            timestamp: toIso(at),
            count,
            min_ms: min,
            max_ms: max,
            mean_ms: mean,
            median_ms: median,
            p75_ms: p75,
            p90_ms: p90,
          })),
        }
      },
    }),
  ]
}
