import type { RecordDataset } from '../../../catalog/records.ts'
import { cleanMeasurement } from '../../../points/line-protocol.ts'
import type { Tags } from '../../../points/point.ts'
import type { RecordSelection } from '../../records.ts'
import { bucketName } from '../buckets.ts'
import { equals, oneOf, source } from '../flux-text.ts'
import { fieldName, storedTags, tagName } from '../names.ts'

/** A stretch of time in milliseconds, half-open. */
export type Stretch = { readonly from: number; readonly to: number }

type Selected = Pick<RecordSelection, 'dataset' | 'measurement' | 'tags' | 'anyOf'>

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

/** Rows of all fields, or those that `more` leaves; every series and field is a table. */
export const rowsScript = (
  prefix: string,
  dataset: RecordDataset,
  conditions: readonly string[],
  stretch: Stretch,
  result?: string,
): string => `${source(bucketName(prefix, { dataset, tier: 'raw' }), stretch, conditions)}
    |> drop(columns: ["_start", "_stop", "_measurement"])${
      result === undefined ? '' : `\n    |> yield(name: "${result}")`
    }`

/** The condition that leaves one field. */
export const fieldIs = (field: string): string => equals('_field', fieldName(field))

/** The first, the last and the count of each field of each series. */
export const seriesScript = (
  prefix: string,
  dataset: RecordDataset,
  conditions: readonly string[],
  stretch: Stretch,
): string => {
  const rows = source(bucketName(prefix, { dataset, tier: 'raw' }), stretch, conditions)
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
