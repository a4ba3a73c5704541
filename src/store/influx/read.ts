import { DATASET_TIERS, type Dataset } from '../../catalog/datasets.ts'
import type { Fold } from '../../catalog/metric.ts'
import type { Tier } from '../../catalog/tiers.ts'
import { instant, windowStart } from '../../points/instant.ts'
import { canonicalTags } from '../../points/point.ts'
import { answerColumn, withoutEmpty } from '../answer.ts'
import { createFolder } from '../fold.ts'
import { foldOf } from '../fold-of.ts'
import {
  BESIDE,
  type Beside,
  type Column,
  type RangeQuery,
  type SeriesColumns,
} from '../range-query.ts'
import type { Rows } from '../rows.ts'
import { besideOf, type Cells, type FoundSeries, type Part, type PartOf } from './columns.ts'
import { createBatching } from './batching.ts'
import type { Queries } from './queries.ts'
import { rangeScript, STORED, type RangeScript } from './range-script.ts'
import { createSharing } from './sharing.ts'

type Parts = {
  readonly queries: Queries
  readonly prefix: string
  /** Reads find nothing before this; null: never cut. */
  readonly horizon: (dataset: Dataset, tier: Tier) => number | null
}

/** Answers questions by Flux; the same one asked twice at a time is sent once. */
export const createReader = ({ queries, prefix, horizon }: Parts) => {
  const share = createSharing<readonly SeriesColumns[]>()
  const send = createBatching(queries)

  const ask = async (query: RangeQuery): Promise<readonly SeriesColumns[]> => {
    const again = isFoldedAgain(query)
    const asked = questionScript(prefix, query)
    if (asked === undefined) return []
    return share(`${asked.script}${again ? query.windowMs : ''}`, async () => {
      const found = await send({
        script: (name) => questionScript(prefix, query, name) ?? asked,
        partOf: partsOf(query.dataset, query.tier),
      })
      return found
        .flatMap((one) => answerOf(one, query, again) ?? [])
        .toSorted(byMeasurementAndTags)
    })
  }

  return {
    read: async (query: RangeQuery): Promise<readonly SeriesColumns[]> => {
      if (!DATASET_TIERS[query.dataset].includes(query.tier)) return []
      const from = Math.max(query.range.from, horizon(query.dataset, query.tier) ?? -Infinity)
      if (from >= query.range.to) return []
      return ask({ ...query, range: { ...query.range, from: instant(from) } })
    },
  }
}

/** Windows of a tier are folded into longer ones here: only we know their weights. */
const isFoldedAgain = ({ tier, windowMs }: RangeQuery): boolean =>
  windowMs !== undefined && tier !== 'raw'

/** What InfluxDB is asked for a question, `name` before the names of its results; undefined: nothing can be the answer. */
export const questionScript = (
  prefix: string,
  query: RangeQuery,
  name = '',
): RangeScript | undefined =>
  rangeScript(
    prefix,
    { ...query, beside: isFoldedAgain(query) ? withCounts(query.beside) : query.beside },
    name,
  )

const withCounts = (beside: readonly Beside[]): readonly Beside[] => [
  ...new Set([...beside, 'n'] as const),
]

/** On a tier the companions are fields of their own; folded from raw they are results of their own. */
const partsOf = (dataset: Dataset, tier: Tier): PartOf => {
  if (tier !== 'raw') return (_, measurement, field) => storedPart(dataset, measurement, field)
  return (result, measurement, field) => {
    const fold = foldOf(dataset, measurement, field)
    const beside = besideOf(result)
    if (beside !== undefined) return fold === 'mean' ? { field, part: beside } : undefined
    return result === STORED || result === fold ? { field, part: 'value' } : undefined
  }
}

const storedPart = (dataset: Dataset, measurement: string, field: string) => {
  for (const part of BESIDE)
    if (field.endsWith(`_${part}`)) {
      const name = field.slice(0, -part.length - 1)
      return foldOf(dataset, measurement, name) === 'mean' ? { field: name, part } : undefined
    }
  return { field, part: 'value' as const }
}

const answerOf = (
  found: FoundSeries,
  query: RangeQuery,
  again: boolean,
): SeriesColumns | undefined => {
  const names = [...found.fields.keys()]
  const folds = names.map((name) => foldOf(query.dataset, found.measurement, name))
  const { windowMs } = query
  const folded = windowMs !== undefined && !again
  // a window that the beginning of the range has cut is still labelled by its own start
  const label = folded ? (at: number) => windowStart(at, windowMs) : undefined
  let rows = rowsOf(found, names, label)
  if (again && windowMs !== undefined) rows = foldAgain(rows, folds, windowMs, query.beside)
  const { at, columns } = withoutEmpty(rows)
  if (at.length === 0) return undefined
  const fields = columns.flatMap((column, i): [string, Column][] => {
    const name = names[i]
    if (column === undefined || name === undefined) return []
    return [[name, answerColumn(column, folds[i] === 'mean' ? query.beside : [])]]
  })
  return {
    measurement: found.measurement,
    tags: found.tags,
    at,
    fields: Object.fromEntries(fields),
  }
}

const foldAgain = (
  rows: Rows,
  folds: readonly Fold[],
  windowMs: number,
  beside: readonly Beside[],
): Rows => {
  const spread = beside.includes('min') || beside.includes('max')
  const folder = createFolder(windowMs, folds, { spread })
  folder.add(rows)
  return folder.finish()
}

/** All fields over the same instants; NaN where a field has none. */
const rowsOf = (
  found: FoundSeries,
  names: readonly string[],
  label: ((at: number) => number) | undefined,
): Rows => {
  const all = [...found.fields.values()].flatMap((parts) => [...parts.values()])
  const at = unionOf(all, label)
  const columns = names.map((name) => {
    const parts = found.fields.get(name)
    const of = (part: Part) => {
      const cells = parts?.get(part)
      return cells && spreadOver(at, cells, label)
    }
    const value = of('value')
    if (value === undefined) return undefined
    const beside = BESIDE.flatMap((part) => {
      const values = of(part)
      return values === undefined ? [] : [[part, values] as const]
    })
    return { value, ...Object.fromEntries(beside) }
  })
  return { at, columns }
}

/** The instants of all, ascending. As a rule they are the same for all. */
const unionOf = (
  all: readonly Cells[],
  label: ((at: number) => number) | undefined,
): Float64Array => {
  const [first] = all
  if (first === undefined) return new Float64Array(0)
  const isSame = (cells: Cells) =>
    cells.at.length === first.at.length && cells.at.every((at, i) => at === first.at[i])
  const times = all.every(isSame) ? first.at : all.flatMap((cells) => cells.at)
  const labelled = label === undefined ? times : times.map(label)
  if (isAscending(labelled)) return new Float64Array(labelled)
  return new Float64Array(new Set(labelled)).toSorted()
}

const isAscending = (at: readonly number[]): boolean =>
  at.every((one, i) => i === 0 || one > (at[i - 1] ?? -Infinity))

const spreadOver = (
  at: Float64Array,
  cells: Cells,
  label: ((at: number) => number) | undefined,
): Float64Array => {
  if (cells.at.length === at.length) return new Float64Array(cells.value)
  const values = new Float64Array(at.length).fill(Number.NaN)
  let row = 0
  cells.at.forEach((time, i) => {
    const wanted = label === undefined ? time : label(time)
    while (row < at.length && (at[row] ?? Infinity) < wanted) row += 1
    values[row] = cells.value[i] ?? Number.NaN
  })
  return values
}

const byMeasurementAndTags = (a: SeriesColumns, b: SeriesColumns): number =>
  compare(a.measurement, b.measurement) || compare(canonicalTags(a.tags), canonicalTags(b.tags))
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
