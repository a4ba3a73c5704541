import { HOST_MEASUREMENTS, METRICS } from '../../catalog/catalog.ts'
import { layoutTag, type Fold, type Metric } from '../../catalog/metric.ts'
import type { RollupTier } from '../../catalog/tiers.ts'
import { HOUR, MINUTE, type TimeRange } from '../../points/instant.ts'
import { bucketName } from './buckets.ts'
import { text, time } from './flux-text.ts'

/** When a tier's task runs and how far it looks back; a point that comes later makes its window dirty. */
export const TASKS: Readonly<
  Record<RollupTier, { readonly offset: string; readonly lookBack: string }>
> = {
  '1m': { offset: '20s', lookBack: '10m' },
  '5m': { offset: '25s', lookBack: '25m' },
  '1h': { offset: '30s', lookBack: '3h' },
}

/** The same look-back in milliseconds. */
export const LOOK_BACK_MS: Readonly<Record<RollupTier, number>> = {
  '1m': 10 * MINUTE,
  '5m': 25 * MINUTE,
  '1h': 3 * HOUR,
}

/** The line that InfluxDB writes anew when a task comes out of a template. */
const OPTION = /^option task = .*$/m

/** The script without its options, which a template says apart. */
export const withoutOptions = (script: string): string => script.replace(OPTION, '')

/** `1h`, `1h0m0s` and `60m` are one; undefined: not of hours, minutes and seconds. */
const secondsOf = (duration: string): number | undefined => {
  const [whole, hours = '0', minutes = '0', seconds = '0'] =
    /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(duration) ?? []
  if (whole === undefined || whole === '') return undefined
  return (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)
}

const optionsIn = (script: string): readonly (number | undefined)[] =>
  ['every', 'offset'].map((name) =>
    secondsOf(new RegExp(`${name}: (\\w+)`).exec(OPTION.exec(script)?.[0] ?? '')?.[1] ?? ''),
  )

/** Whether two scripts of a task do the same at the same times, however InfluxDB has laid them out. */
export const isSameTask = (a: string, b: string): boolean => {
  const words = (script: string) =>
    withoutOptions(script)
      .replaceAll(/\s+/g, '')
      .replaceAll(/,(?=[)}])/g, '')
  return words(a) === words(b) && String(optionsIn(a)) === String(optionsIn(b))
}

export const taskName = (prefix: string, tier: RollupTier): string => `${prefix}-${tier}`

const metrics: readonly Metric[] = METRICS
const series = metrics.flatMap((metric) => metric.series)

/** Tag columns keep their names when the fields get a suffix. */
const TAGS = ['host', ...new Set(series.flatMap(({ layout }) => layoutTag(layout) ?? []))]

/** A field has the same fold wherever it stands (a test of the catalogue), so its name is enough. */
const fieldsOf = (fold: Fold): readonly string[] => [
  ...new Set(
    series.flatMap(({ fields }) =>
      Object.entries(fields).flatMap(([name, field]) => (field.fold === fold ? [name] : [])),
    ),
  ),
]

const oneOf = (names: readonly string[]): string => `/^(${names.join('|')})$/`

/** What is made of a mean-folded field: itself, its extremes, and how many values there were. */
const BESIDE_PASSES = [
  { fn: 'mean', suffix: '' },
  { fn: 'min', suffix: '_min' },
  { fn: 'max', suffix: '_max' },
  { fn: 'count', suffix: '_n' },
] as const

/** The folds that keep their field's name and have no companions. */
const PLAIN_FOLDS = ['last', 'max', 'sum'] as const satisfies readonly Fold[]

/** For whoever meets the task in InfluxDB, or its file in the repository. */
const HEAD =
  '// Made by scripts/generate.ts from src/catalog: PerfWatch keeps its task like this and undoes changes.\n\n'

/**
 * The script that computes a tier straight from raw. Each fold is one pass that storage computes
 * (`ReadWindowAggregateByTime`); a column is renamed, not every row. Measurements are listed: one string field
 * of somebody else in the bucket would stop the whole task. Written again, a window comes out the same.
 *
 * Without `range` it is the task: the last few windows before the scheduled minute. With it, the same for the
 * windows of that stretch, as a query whose answer counts what was written, by measurement and pass: a query
 * would else answer with all of it.
 */
export const rollupScript = (prefix: string, tier: RollupTier, range?: TimeRange): string => {
  const from = text(bucketName(prefix, { dataset: 'metrics', tier: 'raw' }))
  const to = text(bucketName(prefix, { dataset: 'metrics', tier }))
  const { offset, lookBack } = TASKS[tier]
  const plain = PLAIN_FOLDS.map((fold) => [fold, fieldsOf(fold)] as const).filter(
    ([, names]) => names.length > 0,
  )
  const others = plain.flatMap(([, names]) => names)
  const passes = [
    ...BESIDE_PASSES.map(({ fn, suffix }) => ({ fn, suffix, keep: 'gauge' })),
    ...plain.map(([fold, names]) => ({
      fn: fold,
      suffix: '',
      keep: `(r) => r._field =~ ${oneOf(names)}`,
    })),
  ]
  const stretch =
    range === undefined
      ? `option task = {name: ${text(taskName(prefix, tier))}, every: ${tier}, offset: ${offset}}

stop = date.truncate(t: now(), unit: ${tier})
start = date.sub(d: ${lookBack}, from: stop)`
      : `start = ${time(range.from)}
stop = ${time(range.to)}`
  return `${range === undefined ? HEAD : ''}import "date"
import "influxdata/influxdb"
import "influxdata/influxdb/schema"

${stretch}

roll = (fn, suffix, keep${range === undefined ? '' : ', pass'}) =>
    from(bucket: ${from})
        |> range(start: start, stop: stop)
        |> filter(fn: (r) => r._measurement =~ ${oneOf(HOST_MEASUREMENTS)})
        |> filter(fn: keep)
        |> aggregateWindow(every: ${tier}, fn: fn, timeSrc: "_start", createEmpty: false)
        |> toFloat()
        |> drop(columns: ["_start", "_stop"])
        |> schema.fieldsAsCols()
        |> rename(fn: (column) => if column =~ /^(_.*|${TAGS.join('|')})$/ then column else column + suffix)
        |> influxdb.wideTo(bucket: ${to})${
          range === undefined
            ? ''
            : `
        |> group(columns: ["_measurement"])
        |> count(column: "host")
        |> yield(name: pass)`
        }

gauge = (r) => ${others.length === 0 ? 'true' : `r._field !~ ${oneOf(others)}`}

${passes.map(({ fn, suffix, keep }, i) => `roll(fn: ${fn}, suffix: "${suffix}", keep: ${keep}${range === undefined ? '' : `, pass: "${i}"`})`).join('\n')}
`
}
