import { METRICS } from '../../catalog/catalog.ts'
import { layoutTag, type Metric, type Series } from '../../catalog/metric.ts'
import type { Reading, Row, Sample } from '../../points/sample.ts'
import { toIso } from '../../points/instant.ts'
import type { Colours } from '../terminal.ts'
import { printable } from './table.ts'
import { thingLines } from './thing-lines.ts'
import { formatValue } from './value.ts'
import { formatTime } from './when.ts'

const INDENT = '  '

/** A sample as lines of text, a block per metric of the catalogue; `width` is the terminal's. */
export const sampleLines = (sample: Sample, width: number, colours: Colours): readonly string[] => [
  `${colours.bold(printable(sample.host))} · ${formatTime(toIso(sample.at))} UTC`,
  ...METRICS.flatMap((metric) => [
    '',
    ...metricLines(metric, sample.readings[metric.name], width, colours),
  ]),
  ...sample.errors.map(({ collector, message }) =>
    colours.red(`${printable(collector)} failed: ${printable(message)}`),
  ),
]

const metricLines = (
  metric: Metric,
  reading: Reading | undefined,
  width: number,
  colours: Colours,
): readonly string[] => {
  const title = colours.bold(metric.title)
  if (reading === undefined) return [`${title} ${colours.dim('gave nothing at this tick')}`]
  if (reading.kind === 'unavailable')
    return [`${title} ${colours.dim(`not available: ${printable(reading.reason)}`)}`]
  return [
    title,
    ...metric.series.flatMap((series) =>
      seriesLines(
        series,
        reading.rows.filter((row) => row.measurement === series.measurement),
        width,
        colours,
      ),
    ),
  ]
}

const seriesLines = (
  series: Series,
  rows: readonly Row[],
  width: number,
  colours: Colours,
): readonly string[] => {
  const fields = Object.entries(series.fields)
  if (rows.length === 0) return []
  if (layoutTag(series.layout) === undefined)
    return pairLines(
      fields.map(([name, { unit }]) => [name, formatValue(rows[0]?.fields[name], unit)] as const),
      width,
      colours,
    )
  return thingLines(series, rows, width - INDENT.length, colours.dim).map((line) => INDENT + line)
}

/** Names and values side by side, as many as fit into the width, filled by column so that they are read downwards. */
const pairLines = (
  pairs: readonly (readonly [name: string, value: string])[],
  width: number,
  colours: Colours,
): readonly string[] => {
  const names = Math.max(...pairs.map(([name]) => name.length))
  const values = Math.max(...pairs.map(([, value]) => value.length))
  const cell = names + 2 + values
  const columns = Math.max(1, Math.floor((width - INDENT.length + 4) / (cell + 4)))
  const lines = Math.ceil(pairs.length / columns)
  return Array.from({ length: lines }, (_, line) => {
    const cells = Array.from({ length: columns }, (__, column) => pairs[column * lines + line])
      .filter((pair) => pair !== undefined)
      .map(([name, value]) => `${colours.dim(name.padEnd(names))}  ${value.padStart(values)}`)
    return INDENT + cells.join('    ')
  })
}
