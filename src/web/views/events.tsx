import { useMemo } from 'preact/hooks'
import type { EventMetrics, EventStatistics } from '../../api/routes/events.ts'
import type { ProjectView } from '../../api/views.ts'
import { ask } from '../api.ts'
import { withGaps } from '../chart/columns.ts'
import { ChartFigure } from '../chart/figure.tsx'
import type { Unit } from '../../catalog/metric.ts'
import { useLoaded } from '../load.ts'
import { go, goBackFrom, usePlace } from '../place.ts'
import { freeRange, isoOf, rangeOf, useNow, type Range } from '../range.ts'
import { Choice } from '../ui/choice.tsx'
import { Moment } from '../ui/moment.tsx'
import { RangePicker } from '../ui/range-picker.tsx'
import { Failure } from '../ui/failure.tsx'

const SECONDS = { minutes: 60, hours: 3_600, days: 86_400 } as const
type Group = keyof typeof SECONDS
const GROUPS = Object.keys(SECONDS) as readonly Group[]

/** Groups that make a chart of this many points at most. */
const groupFor = ({ from, to }: Range): Group =>
  GROUPS.find((group) => (to - from) / SECONDS[group] <= 1_500) ?? 'days'

/** Timing events of a project: how long they took, and how many there were. */
export const Events = () => {
  const place = usePlace()
  const now = useNow(!place.has('from'))
  const range = rangeOf(place, now)
  const projects = useLoaded('projects', (signal) =>
    ask<{ projects: ProjectView[] }>('api/projects', { signal }),
  )
  const titles = projects.value?.projects.map(({ title }) => title) ?? []
  const project = place.get('project') ?? titles[0]
  const metrics = useLoaded(project === undefined ? null : project, (signal) =>
    ask<EventMetrics>('api/events/metrics', { query: { project }, signal }),
  )
  const names = metrics.value?.metrics.map(({ metric }) => metric) ?? []
  const metric = place.get('metric') ?? names[0]
  const group = GROUPS.find((one) => one === place.get('group')) ?? groupFor(range)
  const error = projects.error ?? metrics.error
  const about = metrics.value?.metrics.find((one) => one.metric === metric)

  return (
    <>
      <div class="controls">
        <Choice
          label="Project"
          value={project}
          options={titles}
          onChange={(title) => go({ project: title, metric: null })}
        />
        <Choice
          label="Metric"
          value={metric}
          options={names}
          onChange={(name) => go({ metric: name })}
        />
        <Choice label="By" value={group} options={GROUPS} onChange={(one) => go({ group: one })} />
      </div>
      <div class="controls">
        <RangePicker range={range} />
      </div>
      <Failure of={error} />
      {projects.value !== undefined && titles.length === 0 && (
        <p class="empty">
          There is no project yet. A client of Speedlog makes one, or the settings do; its events
          appear here at once.
        </p>
      )}
      {metrics.value !== undefined && names.length === 0 && (
        <p class="empty">
          This project has no events yet. They appear here as soon as they are sent.
        </p>
      )}
      {about !== undefined && (
        <p class="hint">
          {about.count} events in all, <Moment at={about.first_at} /> to{' '}
          <Moment at={about.last_at} />
        </p>
      )}
      {project !== undefined && metric !== undefined && names.length > 0 && (
        <Statistics project={project} metric={metric} range={range} group={group} />
      )}
    </>
  )
}

type StatisticsProps = {
  readonly project: string
  readonly metric: string
  readonly range: Range
  readonly group: Group
}

type Point = EventStatistics['data_points'][number]

const TIMES = [
  { label: 'Median', read: (point: Point) => point.median_ms },
  { label: 'Mean', read: (point: Point) => point.mean_ms },
  { label: 'p75', read: (point: Point) => point.p75_ms },
  { label: 'p90', read: (point: Point) => point.p90_ms },
  { label: 'Longest', read: (point: Point) => point.max_ms },
] as const
const COUNTS = [{ label: 'Events', read: (point: Point) => point.count }] as const

const Statistics = ({ project, metric, range, group }: StatisticsProps) => {
  const query = {
    project,
    metric,
    start_time: isoOf(range.from),
    end_time: isoOf(range.to),
    group_by: group,
  }
  const { value, error, isLoading } = useLoaded(JSON.stringify(query), (signal) =>
    ask<EventStatistics>('api/events', { query, signal }),
  )
  const charts = useMemo(() => {
    const points = value?.data_points ?? []
    const times = points.map(({ timestamp }) => Date.parse(timestamp) / 1000)
    return [
      { title: 'How long they took', unit: 'ms', from: TIMES },
      { title: 'How many', unit: 'count', from: COUNTS },
    ].map(({ title, unit, from }) => ({
      title,
      unit: unit as Unit,
      lines: from.map(({ label }) => ({ label })),
      columns: withGaps(
        { times, values: from.map(({ read }) => points.map(read)) },
        SECONDS[group],
      ),
    }))
  }, [value, group])
  return (
    <section class="card stack" aria-label={metric} aria-busy={isLoading}>
      <Failure of={error} />
      {charts.map((chart) => (
        <ChartFigure
          key={chart.title}
          {...chart}
          height={220}
          range={[range.from, range.to]}
          sync="events"
          onZoom={(from, to) => go(freeRange(from, Math.max(to, from + 60)), { mark: 'zoomed' })}
          onReset={() => goBackFrom('zoomed')}
          empty="No event in this time."
        />
      ))}
    </section>
  )
}
