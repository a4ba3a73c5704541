import type { Dataset } from '../../catalog/datasets.ts'
import type { Tier } from '../../catalog/tiers.ts'
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
import { joinRows } from './join-rows.ts'
import type { Pace } from './pace.ts'
import type { Measurement, Registry, Series } from './registry.ts'
import type { HotSeries } from './rows.ts'
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

  const readOne = async (
    { query, shelf, from }: Ask,
    { measurement, positions, chunks }: Target,
    series: Series,
    hot: HotSeries | undefined,
    rhythm: Pace,
  ): Promise<SeriesColumns | undefined> => {
    const folds = positions.map((position) => measurement.folds[position] ?? 'mean')
    const parts = { spread: query.beside.includes('min') || query.beside.includes('max') }
    const { to } = query.range
    const range = {
      shelf,
      series: series.id,
      positions,
      parts,
      from,
      to,
      hot,
      chunks,
      open: opened,
    }
    let rows: Rows
    if (query.windowMs === undefined) {
      const pieces: Rows[] = []
      await readSeries(sql, range, rhythm, (piece) => pieces.push(piece))
      rows = joinRows(pieces, positions.length)
    } else {
      const folder = createFolder(query.windowMs, folds, parts, sevenDigits)
      await readSeries(sql, range, rhythm, folder.add)
      rows = folder.finish()
    }
    const { at, columns } = withoutEmpty(rows)
    if (at.length === 0) return undefined
    const fields: [string, Column][] = []
    columns.forEach((column, i) => {
      const name = measurement.fields[positions[i] ?? -1]
      if (column === undefined || name === undefined) return
      fields.push([name, answerColumn(column, folds[i] === 'mean' ? query.beside : [])])
    })
    return {
      measurement: measurement.name,
      tags: series.tags,
      at,
      fields: Object.fromEntries(fields),
    }
  }

  return {
    read: async (query: RangeQuery): Promise<readonly SeriesColumns[]> => {
      const shelf = shelfOf(query.dataset, query.tier)
      if (shelf === undefined) return []
      const from = Math.max(query.range.from, horizon(query.dataset, query.tier) ?? -Infinity)
      if (from >= query.range.to) return []
      const ask = { query, shelf, from }
      const rhythm = pace()
      const answers: { series: Series; columns: SeriesColumns }[] = []
      for (const target of targetsOf(ask)) {
        const wanted = new Set(target.series.map((one) => one.id))
        const hot = await parseHot(target.hot, wanted, rhythm)
        for (const series of target.series) {
          const own = hot.get(series.id)
          const columns = await readOne(ask, target, series, own, rhythm)
          if (columns !== undefined) answers.push({ series, columns })
        }
      }
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
