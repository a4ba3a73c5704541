import { METRICS } from '../catalog/catalog.ts'
import type { Metric, Unit } from '../catalog/metric.ts'
import { toIso } from '../points/instant.ts'
import type { Sample } from '../points/sample.ts'
import { sampleLines } from './text/sample-lines.ts'
import { sparkline } from './text/sparkline.ts'
import { printable } from './text/table.ts'
import { formatValue } from './text/value.ts'
import { formatTime } from './text/when.ts'
import type { Colours } from './terminal.ts'

/** More than any terminal is wide. */
const KEPT = 500
const TITLE_WIDTH = Math.max(...METRICS.map((metric) => metric.title.length))
const VALUE_WIDTH = 12

export type Dashboard = {
  readonly add: (sample: Sample) => void
  /** What to draw, at most `rows` lines; before the first sample a line that says so. */
  readonly lines: (size: { readonly columns: number; readonly rows: number }) => readonly string[]
}

/** The live view: a line per metric with its primary value over time, below it the newest sample in full. */
export const makeDashboard = (intervalMs: number, colours: Colours): Dashboard => {
  const samples: Sample[] = []
  return {
    add: (sample) => {
      samples.push(sample)
      if (samples.length > KEPT) samples.shift()
    },
    lines: ({ columns, rows }) => {
      const newest = samples.at(-1)
      if (newest === undefined) return ['Reading this host …']
      const all = [
        `${colours.bold(printable(newest.host))} · ${formatTime(toIso(newest.at))} UTC · every ${intervalMs / 1_000} s · q leaves`,
        '',
        ...METRICS.map((metric) => primaryLine(metric, samples, intervalMs, columns, colours)),
        // its own first line, host and time, is here already
        ...sampleLines(newest, columns, colours).slice(1),
      ]
      if (all.length <= rows) return all
      return [
        ...all.slice(0, Math.max(0, rows - 1)),
        colours.dim(`… ${all.length - rows + 1} more lines: make the terminal larger`),
      ]
    },
  }
}

/** `cpu=12.3 %` for every metric that was read, for a line per sample. */
export const primaryLineOf = (sample: Sample): readonly string[] =>
  METRICS.flatMap((metric) => {
    const { value, unit } = primaryOf(metric, sample)
    return value === null ? [] : [`${metric.name}=${formatValue(value, unit).replaceAll(' ', '')}`]
  })

const primaryLine = (
  metric: Metric,
  samples: readonly Sample[],
  intervalMs: number,
  columns: number,
  colours: Colours,
): string => {
  const width = Math.max(10, Math.min(120, columns - TITLE_WIDTH - VALUE_WIDTH - 6))
  const shown = samples
    .slice(-width)
    .map((sample) => ({ at: sample.at, ...primaryOf(metric, sample) }))
  const { value, unit } = shown.at(-1) ?? NOTHING_READ
  const to = (samples.at(-1)?.at ?? 0) + intervalMs
  const line = sparkline(
    shown,
    { from: to - width * intervalMs, to, windowMs: intervalMs },
    width,
    scaleOf(unit),
  )
  return `${metric.title.padEnd(TITLE_WIDTH)}  ${formatValue(value, unit).padStart(VALUE_WIDTH)}  ${colours.cyan(line)}`
}

// a percent is read against all there is; a rate has no such end
const scaleOf = (unit: Unit | undefined) => (unit === 'percent' ? { min: 0, max: 100 } : undefined)

type Primary = { readonly value: number | null; readonly unit: Unit | undefined }
const NOTHING_READ: Primary = { value: null, unit: undefined }

/** The metric's primary value in a sample: the fields of the first group that has any, added up. */
const primaryOf = (metric: Metric, sample: Sample): Primary => {
  const reading = sample.readings[metric.name as keyof Sample['readings']]
  if (reading?.kind !== 'ok') return NOTHING_READ
  for (const { measurement, fields } of metric.primary) {
    const row = reading.rows.find((one) => one.measurement === measurement)
    const values = fields
      .map((field) => row?.fields[field])
      .filter((value) => value !== null && value !== undefined)
    if (values.length === 0) continue
    const series = metric.series.find((one) => one.measurement === measurement)
    return {
      value: values.reduce((sum, value) => sum + value, 0),
      unit: series?.fields[fields[0] ?? '']?.unit,
    }
  }
  return NOTHING_READ
}
