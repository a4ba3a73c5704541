import { instant, type Instant } from '../../points/instant.ts'
import type { Point, Tags } from '../../points/point.ts'
import type { RangeQuery, SeriesColumns } from '../range-query.ts'

export const HOST = 'alpha'

export const point = (
  at: number,
  fields: Readonly<Record<string, number>>,
  { measurement = 'cpu', tags = {} }: { measurement?: string; tags?: Tags } = {},
): Point => ({ measurement, tags: { host: HOST, ...tags }, fields, at: instant(at) })

const EARLIEST = instant(Date.UTC(2000, 0))
const LATEST = instant(Date.UTC(2200, 0))

/** All raw rows of `cpu` of the host, unless told otherwise. */
export const question = (over: Partial<RangeQuery> = {}): RangeQuery => ({
  dataset: 'metrics',
  measurements: ['cpu'],
  tags: { host: HOST },
  tier: 'raw',
  range: { from: EARLIEST, to: LATEST },
  beside: [],
  ...over,
})

export const range = (from: number, to: number): { from: Instant; to: Instant } => ({
  from: instant(from),
  to: instant(to),
})

/** An answer as plain values: null for "no value". */
export const plain = (answer: readonly SeriesColumns[]) =>
  answer.map(({ measurement, tags, at, fields }) => ({
    measurement,
    tags: { ...tags },
    at: [...at],
    fields: Object.fromEntries(
      Object.entries(fields).map(([name, column]) => [
        name,
        Object.fromEntries(
          Object.entries(column).map(([part, values]) => [
            part,
            Array.from(values, (value) => (Number.isNaN(value) ? null : value)),
          ]),
        ),
      ]),
    ),
  }))

/** One series of `cpu` as `plain` gives it. */
export const cpuRows = (
  at: readonly number[],
  fields: Readonly<Record<string, readonly (number | null)[]>>,
  tags: Tags = { host: HOST },
) => ({
  measurement: 'cpu',
  tags,
  at,
  fields: Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, { value }])),
})
