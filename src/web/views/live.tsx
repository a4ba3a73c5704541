import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { METRICS } from '../../catalog/catalog.ts'
import type { Metric } from '../../catalog/metric.ts'
import type { RangeAnswer } from '../../api/history-schemas.ts'
import { ask } from '../api.ts'
import { ChartFigure } from '../chart/figure.tsx'
import { withGaps } from '../chart/columns.ts'
import { format } from '../format.ts'
import { useHost } from '../hosts.ts'
import { figuresOf, mainPanel, metricData, panelsOf, type Data, type Panel } from '../lines.ts'
import { frameOf, useFeed, type LiveState } from '../live.ts'
import { go, usePlace } from '../place.ts'
import { HostFacts } from '../ui/host-facts.tsx'
import { Partitions } from '../ui/partitions.tsx'
import { StateLight } from '../ui/state-light.tsx'
import { Failure } from '../ui/failure.tsx'

const SHOWN_SECONDS = 600
const POLL_EVERY_MS = 10_000

type Moment = { readonly at: number; readonly data: Data }
/** By the metric's name, in the order of time. */
type History = ReadonlyMap<string, readonly Moment[]>

const lastMinutes = async (metric: Metric, host: string | undefined, signal: AbortSignal) => {
  const now = Math.ceil(Date.now() / 1000)
  const { data_points, sampling_interval_seconds } = await ask<RangeAnswer>('api/history/metrics', {
    query: { metric_type: metric.name, start_time: now - SHOWN_SECONDS, end_time: now, host },
    signal,
  })
  const moments = data_points.map(({ timestamp, data }) => ({
    at: Date.parse(timestamp) / 1000,
    data,
  }))
  return { moments, samplingSeconds: sampling_interval_seconds }
}

const within = (moments: readonly Moment[], now: number): readonly Moment[] =>
  moments.filter(({ at }) => at > now - SHOWN_SECONDS)

/** What was there, and what is newer; of one instant the newer word counts. */
const joined = (before: readonly Moment[], more: readonly Moment[]): readonly Moment[] => {
  const byTime = new Map([...before, ...more].map((moment) => [moment.at, moment]))
  return [...byTime.values()].toSorted((a, b) => a.at - b.at)
}

/** The last ten minutes of a host: from history at once, then as it is measured. */
const useLastMinutes = (host: string | undefined) => {
  const [history, setHistory] = useState<History>(new Map())
  const [step, setStep] = useState(5)
  const [error, setError] = useState<string>()
  const [lastAt, setLastAt] = useState<number>()
  const abort = useRef<AbortController | undefined>(undefined)

  const add = (name: string, more: readonly Moment[]) =>
    setHistory((before) => {
      const all = joined(before.get(name) ?? [], more)
      return new Map(before).set(name, within(all, all.at(-1)?.at ?? 0))
    })

  const fill = () => {
    abort.current?.abort()
    const now = new AbortController()
    abort.current = now
    for (const metric of METRICS)
      lastMinutes(metric, host, now.signal).then(
        ({ moments, samplingSeconds }) => {
          if (now.signal.aborted) return
          setStep(samplingSeconds)
          setError(undefined)
          add(metric.name, moments)
          const newest = moments.at(-1)?.at
          if (newest !== undefined) setLastAt((before) => Math.max(before ?? 0, newest))
        },
        (cause: unknown) => {
          if (!now.signal.aborted && cause instanceof Error) setError(cause.message)
        },
      )
  }

  const { state } = useFeed(host ?? null, {
    // what was measured while nobody listened is in the history
    onOpen: fill,
    onMessage: (message) => {
      const frame = frameOf(message)
      if (frame === undefined) return
      setLastAt(frame.at)
      setHistory((before) => {
        const after = new Map(before)
        for (const metric of METRICS) {
          const moment = { at: frame.at, data: metricData(metric, frame.data) }
          after.set(metric.name, within(joined(before.get(metric.name) ?? [], [moment]), frame.at))
        }
        return after
      })
    },
  })

  useEffect(() => {
    setHistory(new Map())
    setLastAt(undefined)
    fill()
    return () => abort.current?.abort()
  }, [host])
  // frames are of the server's own host
  useEffect(() => {
    if (host === undefined) return
    const again = setInterval(() => {
      if (!document.hidden) fill()
    }, POLL_EVERY_MS)
    return () => clearInterval(again)
  }, [host])

  return { history, step, error, lastAt, state }
}

/** What happens now: a chart of each metric with its last ten minutes. */
export const Live = () => {
  const host = useHost()
  const { history, step, error, lastAt, state } = useLastMinutes(host)
  const opened = new Set(usePlace().get('open')?.split(',') ?? [])
  const toggle = (name: string) => {
    const after = opened.has(name) ? [...opened].filter((one) => one !== name) : [...opened, name]
    go({ open: after.join(',') }, { replace: true })
  }
  const end = lastAt ?? Math.floor(Date.now() / 1000)
  const range = useMemo(() => [end - SHOWN_SECONDS, end] as const, [end])

  return (
    <>
      <div class="bar">
        <HostFacts host={host} />
        <StateLight state={stateOf(host, state)} lastAt={lastAt} step={step} />
      </div>
      <Failure of={error} />
      <div class="grid">
        {METRICS.map((metric) => (
          <MetricCard
            key={metric.name}
            metric={metric}
            moments={history.get(metric.name)}
            step={step}
            range={range}
            isOpen={opened.has(metric.name)}
            onToggle={() => toggle(metric.name)}
          />
        ))}
      </div>
    </>
  )
}

const stateOf = (host: string | undefined, state: LiveState): LiveState | 'polling' =>
  host !== undefined && state === 'live' ? 'polling' : state

type CardProps = {
  readonly metric: Metric
  /** Undefined: not here yet. */
  readonly moments: readonly Moment[] | undefined
  readonly step: number
  readonly range: readonly [number, number]
  readonly isOpen: boolean
  readonly onToggle: () => void
}

const MetricCard = ({ metric, moments, step, range, isOpen, onToggle }: CardProps) => {
  const data = useMemo(() => moments?.map((one) => one.data) ?? [], [moments])
  const newest = data.at(-1)
  const panel = mainPanel(metric, data)
  const reason = newest?.['available'] === false ? newest['reason'] : undefined
  const chart = (one: Panel) => (
    <LiveChart key={one.id} panel={one} moments={moments} data={data} step={step} range={range} />
  )
  return (
    <section class={isOpen ? 'card wide' : 'card'} aria-label={metric.title}>
      <button type="button" class="more" aria-expanded={isOpen} onClick={onToggle}>
        {isOpen ? 'Less' : 'More'}
      </button>
      {chart(panel)}
      {typeof reason === 'string' && <p class="hint">Not available: {reason}</p>}
      {isOpen && (
        <>
          <dl class="figures">
            {figuresOf(metric).map(({ label, unit, line }) => (
              <div key={label} title={line.help}>
                <dt>{label}</dt>
                <dd>{format(unit, line.read(newest))}</dd>
              </div>
            ))}
          </dl>
          {metric.name === 'disk' && <Partitions data={newest} />}
          <div class="grid">{panelsOf(metric).map(chart)}</div>
        </>
      )}
    </section>
  )
}

type LiveChartProps = {
  readonly panel: Panel
  readonly moments: readonly Moment[] | undefined
  readonly data: readonly Data[]
  readonly step: number
  readonly range: readonly [number, number]
}

const LiveChart = ({ panel, moments = [], data, step, range }: LiveChartProps) => {
  const lines = panel.lines(data)
  const columns = useMemo(
    () =>
      withGaps(
        {
          times: moments.map(({ at }) => at),
          values: lines.map(({ read }) => moments.map((one) => read(one.data))),
        },
        step,
      ),
    [moments, lines.length, step],
  )
  const newest = data.at(-1)
  const now = lines.length <= 3 && lines.map(({ read }) => format(panel.unit, read(newest)))
  return (
    <ChartFigure
      title={panel.title}
      aside={now ? now.join(' · ') : undefined}
      unit={panel.unit}
      lines={lines.map(({ label }) => ({ label }))}
      columns={columns}
      height={150}
      range={range}
      sync="live"
      empty={
        moments.length === 0
          ? 'Waiting for the first sample, which comes within one interval.'
          : 'This machine does not give these values.'
      }
    />
  )
}
