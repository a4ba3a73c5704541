import { AppError } from '../../app-error.ts'
import { findSeries } from '../../catalog/catalog.ts'
import { FOLDS, type Fold } from '../../catalog/metric.ts'
import type { Dataset } from '../../catalog/datasets.ts'
import { cleanMeasurement } from '../../points/line-protocol.ts'
import type { Tags } from '../../points/point.ts'
import { foldOf } from '../fold-of.ts'
import { BESIDE, type Beside, type RangeQuery } from '../range-query.ts'
import { bucketName } from './buckets.ts'
import { equals, noneOf, oneOf, source, text } from './flux-text.ts'
import { fieldName, storedTags } from './names.ts'

/** A question as Flux, and what its answer leaves out because all rows have it. */
export type RangeScript = {
  readonly script: string
  readonly measurement: string | undefined
  readonly field: string | undefined
  readonly tags: Tags
}

/** The result that holds rows as they are stored; the others are named after folds and companions. */
export const STORED = 'stored'
export const besideResult = (part: Beside): string => `beside_${part}`

/** The function that computes a companion of a mean from raw values. */
const BESIDE_FN = { min: 'min', max: 'max', n: 'count' } as const satisfies Record<Beside, string>

/**
 * One script for a question; undefined: nothing can be the answer. Storage does the work: each fold is one
 * pushed-down pipeline, and rows of a tier come as they are stored (`beside` as fields of their own).
 * `query.beside` of a tier must hold `n` where means are to be folded again. `before` is put before the names of
 * the results, so that several scripts can be one.
 */
export const rangeScript = (
  prefix: string,
  query: RangeQuery,
  before = '',
): RangeScript | undefined => {
  const measurements = [...new Set(query.measurements.map(cleanMeasurement))]
  const fields = query.fields && [...new Set(query.fields.map(fieldName))]
  if (measurements.length === 0 || fields?.length === 0 || query.range.from >= query.range.to)
    return undefined
  const tags = storedTags(query.tags)
  const bucket = bucketName(prefix, query)
  const ofSeries = [
    oneOf('_measurement', measurements),
    ...Object.entries(tags).map(([name, value]) => equals(name, value)),
  ]
  const known = ['_start', '_stop', ...Object.keys(tags)]
  if (measurements.length === 1) known.push('_measurement')
  const only = query.tier === 'raw' || query.beside.length === 0 ? onlyOf(fields) : undefined
  if (only !== undefined) known.push('_field')
  const pipeline = (result: string, conditions: readonly string[], fold?: string) =>
    [
      source(bucket, query.range, [...ofSeries, ...conditions]),
      ...(fold === undefined ? [] : [fold]),
      `|> drop(columns: [${known.map(text).join(', ')}])`,
      `|> yield(name: ${text(before + result)})`,
    ].join('\n    ')

  const asked = { measurements, fields, dataset: query.dataset }
  const pipelines =
    query.windowMs !== undefined && query.tier === 'raw'
      ? foldedPipelines(asked, query.windowMs, query.beside, pipeline)
      : [pipeline(STORED, storedFields(asked, query))]
  if (pipelines.length === 0) return undefined
  return {
    script: pipelines.join('\n\n'),
    measurement: onlyOf(measurements),
    field: only,
    tags,
  }
}

const onlyOf = (names: readonly string[] | undefined): string | undefined =>
  names?.length === 1 ? names[0] : undefined

type Asked = {
  readonly dataset: Dataset
  readonly measurements: readonly string[]
  readonly fields: readonly string[] | undefined
}

/** Which fields of a bucket to read: all of raw; of a tier the values, and the companions that are wanted. */
const storedFields = ({ dataset, measurements, fields }: Asked, query: RangeQuery): string[] => {
  const tier = query.tier !== 'raw'
  if (fields === undefined)
    return BESIDE.filter((part) => tier && !query.beside.includes(part)).map(
      (part) => `r["_field"] !~ /_${part}$/`,
    )
  const names = fields.flatMap((field) =>
    tier && measurements.some((one) => foldOf(dataset, one, field) === 'mean')
      ? [field, ...query.beside.map((part) => `${field}_${part}`)]
      : [field],
  )
  return [oneOf('_field', names)]
}

type Pipeline = (result: string, conditions: readonly string[], fold: string) => string

/** A pipeline for each fold that the asked fields have, and for each companion of the means. */
const foldedPipelines = (
  asked: Asked,
  windowMs: number,
  beside: readonly Beside[],
  pipeline: Pipeline,
): readonly string[] => {
  const window = (fn: string) =>
    `|> aggregateWindow(every: ${milliseconds(windowMs)}, fn: ${fn}, timeSrc: "_start", createEmpty: false)`
  return FOLDS.flatMap((fold) => {
    const conditions = fieldsWith(fold, asked)
    if (conditions === undefined) return []
    const values = pipeline(fold, conditions, window(fold))
    if (fold !== 'mean') return [values]
    return [
      values,
      ...beside.map((part) => pipeline(besideResult(part), conditions, window(BESIDE_FN[part]))),
    ]
  })
}

/** The condition that a field has this fold; undefined: none of the asked ones has. */
const fieldsWith = (
  fold: Fold,
  { dataset, measurements, fields }: Asked,
): readonly string[] | undefined => {
  const has = (field: string) => measurements.some((one) => foldOf(dataset, one, field) === fold)
  if (fields !== undefined) {
    const names = fields.filter(has)
    return names.length === 0 ? undefined : [oneOf('_field', names)]
  }
  const known = [
    ...new Set(measurements.flatMap((one) => Object.keys(findSeries(one)?.fields ?? {}))),
  ]
  // what the catalogue does not know is folded by its mean
  if (fold === 'mean') {
    const others = known.filter((field) => !has(field))
    return others.length === 0 ? [] : [noneOf('_field', others)]
  }
  const names = known.filter(has)
  return names.length === 0 ? undefined : [oneOf('_field', names)]
}

const milliseconds = (ms: number): string => {
  if (Number.isSafeInteger(ms) && ms > 0) return `${ms}ms`
  throw new AppError({ code: 'invalid', detail: `A window of ${ms} ms cannot be computed.` })
}
