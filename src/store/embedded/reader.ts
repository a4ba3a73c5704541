import type { Dataset } from '../../catalog/datasets.ts'
import { TIER_MS, type Tier } from '../../catalog/tiers.ts'
import type { Tags } from '../../points/point.ts'
import { answerColumn, withoutEmpty } from '../answer.ts'
import { createFolder } from '../fold.ts'
import type { Column, RangeQuery, SeriesColumns } from '../range-query.ts'
import { createChunkCache } from './chunk-cache.ts'
import type { Rows } from '../rows.ts'
import { sevenDigits } from './codec/seven-digits.ts'
import type { Sql } from './database.ts'
import { hasChunks } from './ends.ts'
import { hotRows, type HotRow } from './hot.ts'
import { parseHot } from './hot-series.ts'
import { createJoiner } from './join-rows.ts'
import type { Pace } from './pace.ts'
import type { Measurement, Registry, Series } from './registry.ts'
import { readSeries } from './series-reader.ts'
import { shelfOf, type Shelf } from './shelves.ts'
import type { Stocks } from './stocks.ts'

type Parts = {
  readonly sql: Sql
  readonly registry: Registry
  readonly stocks: Stocks
  /** Reads find nothing before this; null: never cut. */
  readonly horizon: (dataset: Dataset, tier: Tier) => number | null
  readonly pace: () => Pace
}

/** A query, where its rows lie, and its start after the horizon. */
type Ask = { readonly query: RangeQuery; readonly shelf: Shelf; readonly from: number }

/** The series of one source and measurement that a query asks for. */
type Target = {
  readonly measurement: Measurement
  readonly series: readonly Series[]
  readonly positions: readonly number[]
  readonly hot: readonly HotRow[]
  readonly chunks: boolean
}

type Answer = { readonly series: Series; readonly columns: SeriesColumns }

/** Answers queries from chunks and hot rows, without holding the event loop for long. */
export const createReader = ({ sql, registry, stocks, horizon, pace }: Parts) => {
  const opened = createChunkCache()
  /** All in one turn, hot rows included: see `SeriesRange.hot`. */
  const targetsOf = ({ query, shelf, from }: Ask): Target[] => {
    const { to } = query.range
    const targets: Target[] = []
    for (const name of new Set(query.measurements)) {
      const measurement = registry.measurement(query.dataset, name)
      if (measurement === undefined) continue
      const positions = positionsOf(measurement, query.fields)
      if (positions.length === 0) continue
      for (const source of registry.sources()) {
        if (source.dataset !== query.dataset) continue
        if (query.tags['host'] !== undefined && source.host !== query.tags['host']) continue
        const series = registry
          .seriesOf(source, measurement)
          .filter((one) => matches(one.tags, query.tags))
        if (series.length === 0) continue
        const stock = stocks.get(shelf, source.id)
        const blocks = new Set(series.map((one) => one.block))
        const hot =
          blocks.size <= FEW_BLOCKS
            ? [...blocks].flatMap((block) => hotRows(sql, stock, from, to, block))
            : hotRows(sql, stock, from, to)
        const chunks = hasChunks(sql, shelf, source.id, from, to)
        targets.push({ measurement, series, positions, hot, chunks })
      }
    }
    return targets
  }

  const readTarget = async (
    { query, shelf, from }: Ask,
    { measurement, series, positions, hot, chunks }: Target,
    rhythm: Pace,
  ): Promise<Answer[]> => {
    const { windowMs, beside } = query
    const folds = positions.map((position) => measurement.folds[position] ?? 'mean')
    const parts = { spread: beside.includes('min') || beside.includes('max') }
    const known = new Map(series.map((one) => [one.id, one]))
    const range = {
      shelf,
      series: [...known.keys()].toSorted((a, b) => a - b),
      positions,
      parts,
      from,
      to: query.range.to,
      hot: await parseHot(hot, known, rhythm),
      chunks,
      open: opened,
    }
    const answers: Answer[] = []
    const answer = (id: number, rows: Rows) => {
      const one = known.get(id)
      const { at, columns } = withoutEmpty(rows)
      if (at.length === 0 || one === undefined) return
      const fields = columns.flatMap((column, i): [string, Column][] => {
        const name = measurement.fields[positions[i] ?? -1]
        if (column === undefined || name === undefined) return []
        return [[name, answerColumn(column, folds[i] === 'mean' ? beside : [])]]
      })
      const { tags } = one
      answers.push({
        series: one,
        columns: { measurement: measurement.name, tags, at, fields: Object.fromEntries(fields) },
      })
    }
    await readSeries(sql, range, rhythm, (id) => {
      const { add, finish } =
        windowMs === undefined
          ? createJoiner(positions.length)
          : createFolder(windowMs, folds, parts, roundingOf(windowMs))
      return { add, done: () => answer(id, finish()) }
    })
    return answers
  }

  return {
    read: async (query: RangeQuery): Promise<readonly SeriesColumns[]> => {
      const shelf = shelfOf(query.dataset, query.tier)
      if (shelf === undefined) return []
      const from = Math.max(query.range.from, horizon(query.dataset, query.tier) ?? -Infinity)
      if (from >= query.range.to) return []
      const ask = { query, shelf, from }
      const rhythm = pace()
      const answers: Answer[] = []
      for (const target of targetsOf(ask)) answers.push(...(await readTarget(ask, target, rhythm)))
      return answers.toSorted(byMeasurementAndTags).map((answer) => answer.columns)
    },
  }
}

/** A query for more blocks than this reads all hot rows of the range once. */
const FEW_BLOCKS = 4

const positionsOf = (
  measurement: Measurement,
  fields: readonly string[] | undefined,
): readonly number[] =>
  fields === undefined
    ? measurement.fields.map((_, position) => position)
    : [...new Set(fields)].flatMap((field) => measurement.positions.get(field) ?? [])

const matches = (tags: Tags, wanted: Tags): boolean => {
  for (const tag in wanted) if (tags[tag] !== wanted[tag]) return false
  return true
}

const byMeasurementAndTags = (a: { series: Series }, b: { series: Series }): number =>
  compare(a.series.measurement.name, b.series.measurement.name) ||
  compare(a.series.text, b.series.text)
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/**
 * As the tier will hold the window, so that it does not change when it is rolled up. What is finer than every tier
 * is not rounded: there a window is often one sample, which the live view has shown whole.
 */
const roundingOf = (windowMs: number): ((mean: number) => number) =>
  windowMs < TIER_MS['1m'] ? (mean) => mean : sevenDigits
