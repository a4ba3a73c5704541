import type { RecordDataset } from '../../../catalog/records.ts'
import { cleanMeasurement } from '../../../points/line-protocol.ts'
import type { Tags } from '../../../points/point.ts'
import type { RecordSelection } from '../../records.ts'
import { bucketName } from '../buckets.ts'
import { equals, oneOf, source, sourceBetween, text, timeBehind } from '../flux-text.ts'
import { fieldName, storedTags, tagName } from '../names.ts'
import type { Moment, Stretch } from './moment.ts'

type Selected = Pick<RecordSelection, 'dataset' | 'measurement' | 'tags' | 'anyOf'>

/** Rows of the bucket of a dataset that meet all conditions. */
export type Rows = {
  readonly prefix: string
  readonly dataset: RecordDataset
  readonly conditions: readonly string[]
}

/** What the rows of a record have in common; undefined: nothing can be the answer. */
export const conditionsOf = ({
  measurement,
  tags,
  anyOf = {},
}: Selected): readonly string[] | undefined => {
  const choices = Object.entries(anyOf)
  if (choices.some(([, values]) => values.length === 0)) return undefined
  return [
    equals('_measurement', cleanMeasurement(measurement)),
    ...equalTags(tags),
    ...choices.map(([name, values]) =>
      oneOf(
        tagName(name),
        values.map((value) => storedTags({ [name]: value })[tagName(name)] ?? ''),
      ),
    ),
  ]
}

const equalTags = (tags: Tags): readonly string[] =>
  Object.entries(storedTags(tags)).map(([name, value]) => equals(name, value))

/** The condition that leaves one field. */
export const fieldIs = (field: string): string => equals('_field', fieldName(field))

const rowsIn = ({ prefix, dataset, conditions }: Rows, { from, to }: Stretch): string =>
  sourceBetween(
    bucketName(prefix, { dataset, tier: 'raw' }),
    [timeOf(from), timeOf(to)],
    conditions,
  )

const timeOf = ({ at, seq }: Moment): string => timeBehind(at, seq)

/** Of every table at most so many rows, from one end. */
export type Cut = { readonly most: number; readonly end: 'first' | 'last' }

/** All fields of the rows; every field of every series is a table. */
export const rowsScript = (
  rows: Rows,
  stretch: Stretch,
  { cut, result }: { readonly cut?: Cut; readonly result?: string } = {},
): string =>
  [
    rowsIn(rows, stretch),
    ...(cut === undefined
      ? []
      : [`|> ${cut.end === 'first' ? 'limit' : 'tail'}(n: ${Math.trunc(cut.most)})`]),
    '|> drop(columns: ["_start", "_stop", "_measurement"])',
    ...(result === undefined ? [] : [`|> yield(name: ${text(result)})`]),
  ].join('\n    ')

/** How many rows each table has, as a result beside others. */
export const countsScript = (rows: Rows, stretch: Stretch): string =>
  `${rowsIn(rows, stretch)}
    |> count()
    |> drop(columns: ["_start", "_stop", "_measurement"])
    |> yield(name: "count")`

/** The time of the first or the last row of all. */
export const endScript = (rows: Rows, stretch: Stretch, end: 'first' | 'last'): string =>
  `${rowsIn(rows, stretch)}
    |> ${end}()
    |> keep(columns: ["_time"])
    |> group()
    |> ${end === 'first' ? 'min' : 'max'}(column: "_time")`

/** How many rows there are in each window of `windowMs`, where there are any. */
export const windowCountsScript = (rows: Rows, stretch: Stretch, windowMs: number): string =>
  `${rowsIn(rows, stretch)}
    |> aggregateWindow(every: ${Math.trunc(windowMs)}ms, fn: count, timeSrc: "_start", createEmpty: false)
    |> group(columns: ["_time"])
    |> sum()
    |> group()`

/** The first, the last and the count of each field of each series. */
export const seriesScript = (
  prefix: string,
  dataset: RecordDataset,
  conditions: readonly string[],
  range: { readonly from: number; readonly to: number },
): string => {
  const rows = source(bucketName(prefix, { dataset, tier: 'raw' }), range, conditions)
  const ends = (fn: 'first' | 'last') => `${rows}
    |> ${fn}()
    |> drop(columns: ["_start", "_stop", "_measurement", "_value"])
    |> yield(name: "${fn}")`
  return `${ends('first')}

${ends('last')}

${rows}
    |> count()
    |> drop(columns: ["_start", "_stop", "_measurement"])
    |> yield(name: "count")`
}
