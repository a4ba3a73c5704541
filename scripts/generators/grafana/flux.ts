import type { Fold } from '../../../src/catalog/metric.ts'

/** Flux as Grafana sends it: `v.timeRangeStart`, `v.timeRangeStop` and `v.windowPeriod` it writes out, `${name}` too. */

/** The prefix of the buckets is a variable: who has given PerfWatch another one changes it in one place. */
export const PREFIX = '${prefix}'

/**
 * Which tier answers, by what is shown: raw for hours only, then windows that are there as long as the range is, and never
 * finer than a pixel. Windows of 5 minutes and finer are kept for 15 days.
 */
export const TIER = [
  'hours = (int(v: v.timeRangeStop) - int(v: v.timeRangeStart)) / 3600000000000',
  'pixel = int(v: v.windowPeriod)',
  'tier =',
  '    if hours > 360 or pixel >= 3600000000000 then "_1h"',
  '    else if hours > 72 or pixel >= 300000000000 then "_5m"',
  '    else if hours > 6 or pixel >= 60000000000 then "_1m"',
  '    else ""',
  `bucket = "${PREFIX}" + tier`,
].join('\n')

/** Aggregated over what a pixel shows, a window of the tier at least. */
const EVERY = [
  'window =',
  '    if tier == "_1h" then 3600000000000',
  '    else if tier == "_5m" then 300000000000',
  '    else if tier == "_1m" then 60000000000',
  '    else 1000000000',
  'every = duration(v: if pixel > window then pixel else window)',
].join('\n')

/** Chosen values as a regular expression: one, several and All alike. */
export const chosen = (tag: string): string => `r.${tag} =~ /^\${${tag}:regex}$/`

const anyField = (fields: readonly string[]): string =>
  fields.map((field) => `r._field == "${field}"`).join(' or ')

export type Asked = {
  readonly measurement: string
  readonly fields: readonly string[]
  readonly fold: Fold
  /** Variables that narrow it, beside the host. */
  readonly tags?: readonly string[]
  /** Moves the past by the variable of this name to where it is compared with. */
  readonly shiftedBy?: string
  /** Stands behind the names of what is shown. */
  readonly suffix?: string
}

/** The fields of a measurement over the shown range, a table a series. */
export const seriesOver = ({
  measurement,
  fields,
  fold,
  tags = [],
  shiftedBy,
  suffix = '',
}: Asked): string => {
  const at = (time: string) =>
    shiftedBy === undefined ? time : `date.sub(d: \${${shiftedBy}}, from: ${time})`
  const named = ['_time', '_value', '_field', 'host', ...tags].map((name) => `"${name}"`).join(', ')
  return [
    ...(shiftedBy === undefined ? [] : ['import "date"', '']),
    TIER,
    EVERY,
    '',
    'from(bucket: bucket)',
    `    |> range(start: ${at('v.timeRangeStart')}, stop: ${at('v.timeRangeStop')})`,
    `    |> filter(fn: (r) => r._measurement == "${measurement}" and (${anyField(fields)}))`,
    `    |> filter(fn: (r) => ${['host', ...tags].map(chosen).join(' and ')})`,
    `    |> aggregateWindow(every: every, fn: ${fold}, timeSrc: "_start", createEmpty: false)`,
    ...(shiftedBy === undefined ? [] : [`    |> timeShift(duration: \${${shiftedBy}})`]),
    ...(suffix === ''
      ? []
      : [`    |> map(fn: (r) => ({ r with _field: r._field + "${suffix}" }))`]),
    `    |> keep(columns: [${named}])`,
  ].join('\n')
}

/** The newest value of fields, a table a series. */
export const newestOf = (
  measurement: string,
  fields: readonly string[],
  tags: readonly string[] = [],
): string =>
  [
    `from(bucket: "${PREFIX}")`,
    '    |> range(start: -15m)',
    `    |> filter(fn: (r) => r._measurement == "${measurement}" and (${anyField(fields)}))`,
    `    |> filter(fn: (r) => ${['host', ...tags].map(chosen).join(' and ')})`,
    '    |> last()',
    `    |> keep(columns: [${['_time', '_value', '_field', 'host', ...tags].map((name) => `"${name}"`).join(', ')}])`,
  ].join('\n')

/** The values of a tag, for a variable. */
export const tagValues = (bucket: string, tag: string, measurement?: string): string => {
  const where = measurement === undefined ? 'true' : `r._measurement == "${measurement}"`
  const host = tag === 'host' || measurement === undefined ? '' : ` and ${chosen('host')}`
  return `import "influxdata/influxdb/schema"

schema.tagValues(bucket: "${bucket}", tag: "${tag}", predicate: (r) => ${where}${host}, start: -30d)`
}
