import { useMemo } from 'preact/hooks'
import { findMetric, METRICS } from '../../catalog/catalog.ts'
import type { RangeAnswer } from '../../api/history-schemas.ts'
import { ask, urlOf } from '../api.ts'
import { withGaps } from '../chart/columns.ts'
import { ChartFigure } from '../chart/figure.tsx'
import { usePan } from '../chart/pan.ts'
import type { Band, PlotLine } from '../chart/plot.tsx'
import { useStaggered } from '../chart/staggered.ts'
import { useHost } from '../hosts.ts'
import { INTERVALS, stepOf } from '../interval.ts'
import { mainPanel, panelsOf, pushedPanels, type Panel } from '../lines.ts'
import { useLoaded } from '../load.ts'
import { go, goBackFrom, hrefOf, usePlace } from '../place.ts'
import { freeRange, isoOf, rangeOf, useNow, type Range } from '../range.ts'
import { Link } from '../ui/link.tsx'
import { MetricPicker } from '../ui/metric-picker.tsx'
import { RangePicker } from '../ui/range-picker.tsx'
import { Failure } from '../ui/failure.tsx'

/** More lines than this are without their bands: nobody could tell them apart. */
const MOST_BANDS = 3
/** The most windows that the server gives. */
const MOST_POINTS = 10_000
/** What a drag over a chart can zoom in to, in seconds. */
const SHORTEST_ZOOM = 10

const zoomTo = (from: number, to: number): void => {
  const middle = (from + to) / 2
  const half = Math.max(to - from, SHORTEST_ZOOM) / 2
  go(freeRange(middle - half, middle + half), { mark: 'zoomed' })
}

/** Any metric over any range. */
export const History = () => {
  const place = usePlace()
  const isFree = place.has('from') && place.has('to')
  const now = useNow(!isFree)
  const range = rangeOf(place, now)
  const metrics = (place.get('metric') ?? METRICS[0].name).split(',')
  const interval = place.get('interval') ?? 'auto'
  const pan = usePan(range)

  const toggle = (name: string) => {
    const rest = metrics.filter((one) => one !== name)
    const after = rest.length === metrics.length ? [...metrics, name] : rest
    go({ metric: (after.length === 0 ? [name] : after).join(',') })
  }

  return (
    <>
      <div class="controls">
        <MetricPicker chosen={metrics} onToggle={toggle} />
      </div>
      <div class="controls">
        <RangePicker range={range} />
        <label>
          Interval
          <select
            value={interval}
            onChange={({ currentTarget: { value } }) =>
              go({ interval: value === 'auto' ? null : value })
            }
          >
            {['auto', ...INTERVALS].map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </label>
        <Link
          class="button"
          href={hrefOf({
            view: 'compare',
            metric: metrics[0],
            from: isoOf(range.from),
            to: isoOf(range.to),
            range: null,
            interval: null,
          })}
        >
          Compare
        </Link>
      </div>
      <p class="hint">
        Drag over a chart to zoom in, double-click to go back; Shift and the wheel move along.
      </p>
      <div class="stack" onWheel={pan}>
        {metrics.map((name) => (
          <MetricHistory key={name} name={name} range={range} interval={interval} />
        ))}
      </div>
    </>
  )
}

type MetricProps = {
  readonly name: string
  readonly range: Range
  readonly interval: string
}

const MetricHistory = ({ name, range, interval }: MetricProps) => {
  const host = useHost()
  const query = {
    metric_type: name,
    start_time: isoOf(range.from),
    end_time: isoOf(range.to),
    interval: interval === 'auto' ? undefined : interval,
    stats: true,
    limit: MOST_POINTS,
    host,
  }
  const { value, error, isLoading } = useLoaded(JSON.stringify(query), (signal) =>
    ask<RangeAnswer>('api/history/metrics', { query, signal }),
  )
  const metric = findMetric(name)
  const panels = useMemo(() => {
    const data = value?.data_points.map((point) => point.data) ?? []
    if (metric === undefined) return pushedPanels(data)
    const all = panelsOf(metric)
    const main = mainPanel(metric, data)
    // a metric of one line is its main panel
    const isSame = all.length === 1 && all[0]?.lines(data).length === main.lines(data).length
    return isSame ? [main] : [main, ...all]
  }, [value, metric])
  const title = metric?.title ?? name
  // frames before there is anything to draw do not count
  const drawn = useStaggered(value === undefined ? 0 : panels.length)

  return (
    <section class="card" aria-label={title} aria-busy={isLoading}>
      <div class="bar">
        <h2>{title}</h2>
        <span class="group">
          {value !== undefined && (
            <span class="hint">
              {value.count} windows of {value.interval}
            </span>
          )}
          <a
            class="button"
            href={urlOf('api/history/metrics', { ...query, format: 'csv' }).href}
            download
          >
            CSV
          </a>
        </span>
      </div>
      <Failure of={error} />
      {value?.truncated === true && (
        <p class="hint">
          Only the first {value.count} windows are shown. Choose a longer interval or a shorter
          range.
        </p>
      )}
      {value !== undefined && value.count === 0 && (
        <p class="empty">
          Nothing was measured in this time. Windows appear here as soon as they are sampled.
        </p>
      )}
      {value !== undefined && value.count > 0 && (
        <div class="grid charts">
          {panels.slice(0, drawn).map((panel, place) => (
            <HistoryChart
              key={panel.id}
              panel={panel}
              answer={value}
              range={range}
              isMain={place === 0}
            />
          ))}
        </div>
      )}
    </section>
  )
}

type ChartProps = {
  readonly panel: Panel
  readonly answer: RangeAnswer
  readonly range: Range
  readonly isMain: boolean
}

const HistoryChart = ({ panel, answer, range, isMain }: ChartProps) => {
  const drawn = useMemo(() => drawnOf(panel, answer), [panel, answer])
  return (
    <div class={isMain ? 'wide' : ''}>
      <ChartFigure
        title={panel.title}
        unit={panel.unit}
        {...drawn}
        height={isMain ? 240 : 170}
        range={[range.from, range.to]}
        sync="history"
        onZoom={zoomTo}
        onReset={() => goBackFrom('zoomed')}
        empty="This machine does not give these values."
      />
    </div>
  )
}

/** The means as lines, and where they are few enough each with the band from the lowest to the highest sample. */
const drawnOf = (panel: Panel, answer: RangeAnswer) => {
  const points = answer.data_points
  const lines = panel.lines(points.map(({ data }) => data))
  const hasBands = lines.length <= MOST_BANDS
  const shown: PlotLine[] = lines.map(({ label }) => ({ label }))
  const values = lines.map(({ read }) => points.map(({ data }) => read(data)))
  const bands: Band[] = []
  if (hasBands)
    for (const [of, { label, read }] of lines.entries()) {
      bands.push({ upper: shown.length, lower: shown.length + 1, of })
      shown.push({ label: `${label}, highest`, isEdge: true })
      shown.push({ label: `${label}, lowest`, isEdge: true })
      values.push(points.map(({ max }) => read(max)))
      values.push(points.map(({ min }) => read(min)))
    }
  const times = points.map(({ timestamp }) => Date.parse(timestamp) / 1000)
  return { lines: shown, bands, columns: withGaps({ times, values }, stepOf(answer)) }
}
