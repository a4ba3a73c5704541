import { AppError } from '../../app-error.ts'
import type { Dataset } from '../../catalog/datasets.ts'
import type { Fold } from '../../catalog/metric.ts'
import { canonicalTags, type Tags } from '../../points/point.ts'
import { foldOf } from '../fold-of.ts'
import { numberAt, textAt, type Sql } from './database.ts'

/** What is written together: the points of one host in one dataset (`host` '' where a point names none). */
export type Source = {
  readonly id: number
  readonly dataset: Dataset
  readonly host: string
  /** The oldest instant that it ever wrote. */
  firstTime: number
  /** The newest one, as of the last seal: it outlives the row itself. */
  lastTime: number
}

export type Measurement = {
  readonly id: number
  readonly dataset: Dataset
  readonly name: string
  /** Names by position; a position is never given twice. */
  readonly fields: string[]
  readonly positions: Map<string, number>
  /** By position. */
  readonly folds: Fold[]
}

export type Series = {
  readonly id: number
  readonly source: Source
  readonly measurement: Measurement
  readonly block: number
  readonly tags: Tags
  /** Its tags as `canonicalTags` writes them. */
  readonly text: string
}

/** Series that share hot rows; larger blocks make rows that do not fit a page, smaller ones more rows. */
const SERIES_PER_BLOCK = 64
const MOST_FIELDS = 1_024

export type Registry = ReturnType<typeof createRegistry>

/** All sources, measurements and series, in memory; what is new is put into the file within the caller's transaction. */
export const createRegistry = (sql: Sql) => {
  const sources = new Map<string, Source>()
  const measurements = new Map<string, Measurement>()
  const byIdentity = new Map<string, Series>()
  const bySource = new Map<number, Map<number, Series[]>>()
  /** The same series by their tags in the order in which a writer names them: saves the sorting. */
  const aliases = new Map<string, Series>()

  /** The ids that come next; no other process writes. */
  const next = { source: 1, measurement: 1, series: 1 }

  const add = (series: Series) => {
    byIdentity.set(identity(series.source, series.measurement, series.text), series)
    const ofSource = bySource.get(series.source.id) ?? new Map<number, Series[]>()
    bySource.set(series.source.id, ofSource)
    const list = ofSource.get(series.measurement.id)
    if (list === undefined) ofSource.set(series.measurement.id, [series])
    else list.push(series)
  }

  /** Reads everything from the file again: after a transaction that failed, and at the start. */
  const reload = () => {
    for (const map of [sources, measurements, byIdentity, bySource, aliases]) map.clear()
    for (const table of ['source', 'measurement', 'series'] as const) {
      const row = sql.first(`SELECT coalesce(max(id), 0) + 1 FROM ${table}`)
      next[table] = row === undefined ? 1 : numberAt(row, 0)
    }
    const sourceById = new Map<number, Source>()
    for (const row of sql.all('SELECT id, dataset, host, first_time, last_time FROM source')) {
      const dataset = textAt(row, 1) as Dataset
      const source = {
        id: numberAt(row, 0),
        dataset,
        host: textAt(row, 2),
        firstTime: numberAt(row, 3),
        lastTime: numberAt(row, 4),
      }
      sourceById.set(source.id, source)
      sources.set(sourceKey(dataset, source.host), source)
    }
    const measurementById = new Map<number, Measurement>()
    for (const row of sql.all('SELECT id, dataset, name FROM measurement')) {
      const one = emptyMeasurement(numberAt(row, 0), textAt(row, 1) as Dataset, textAt(row, 2))
      measurementById.set(one.id, one)
      measurements.set(sourceKey(one.dataset, one.name), one)
    }
    for (const row of sql.all('SELECT measurement, name FROM field ORDER BY measurement, pos')) {
      const measurement = measurementById.get(numberAt(row, 0))
      if (measurement !== undefined) addField(measurement, textAt(row, 1))
    }
    for (const row of sql.all('SELECT id, grp, block, measurement, tags FROM series ORDER BY id')) {
      const source = sourceById.get(numberAt(row, 1))
      const measurement = measurementById.get(numberAt(row, 3))
      if (source === undefined || measurement === undefined) continue
      add(makeSeries(numberAt(row, 0), source, measurement, numberAt(row, 2), textAt(row, 4)))
    }
  }

  const ensureSource = (dataset: Dataset, host: string, at: number): Source => {
    const key = sourceKey(dataset, host)
    const known = sources.get(key)
    if (known !== undefined) {
      if (at < known.firstTime) {
        known.firstTime = at
        sql.run('UPDATE source SET first_time = ? WHERE id = ?', [at, known.id])
      }
      return known
    }
    const id = next.source++
    sql.run('INSERT INTO source(id, dataset, host, first_time, last_time) VALUES(?, ?, ?, ?, ?)', [
      id,
      dataset,
      host,
      at,
      at,
    ])
    const source = { id, dataset, host, firstTime: at, lastTime: at }
    sources.set(key, source)
    return source
  }

  const ensureMeasurement = (dataset: Dataset, name: string): Measurement => {
    const key = sourceKey(dataset, name)
    const known = measurements.get(key)
    if (known !== undefined) return known
    const id = next.measurement++
    sql.run('INSERT INTO measurement(id, dataset, name) VALUES(?, ?, ?)', [id, dataset, name])
    const measurement = emptyMeasurement(id, dataset, name)
    measurements.set(key, measurement)
    return measurement
  }

  const ensureSeries = (dataset: Dataset, name: string, tags: Tags, at: number): Series => {
    const alias = aliasOf(dataset, name, tags)
    const known = aliases.get(alias)
    if (known !== undefined) {
      if (at < known.source.firstTime) ensureSource(dataset, known.source.host, at)
      return known
    }
    const source = ensureSource(dataset, tags['host'] ?? '', at)
    const measurement = ensureMeasurement(dataset, name)
    const text = canonicalTags(tags)
    const series =
      byIdentity.get(identity(source, measurement, text)) ?? create(source, measurement, text)
    // A writer that shuffles its tags must not fill the memory.
    if (aliases.size > byIdentity.size * 2 + 1_000) aliases.clear()
    aliases.set(alias, series)
    return series
  }

  const create = (source: Source, measurement: Measurement, text: string): Series => {
    const id = next.series++
    const siblings = bySource.get(source.id)?.get(measurement.id) ?? []
    const last = siblings.at(-1)
    const first = siblings.at(-SERIES_PER_BLOCK)
    const full = last === undefined || first?.block === last.block
    const block = full ? id : last.block
    sql.run('INSERT INTO series(id, grp, block, measurement, tags) VALUES(?, ?, ?, ?, ?)', [
      id,
      source.id,
      block,
      measurement.id,
      text,
    ])
    const series = makeSeries(id, source, measurement, block, text)
    add(series)
    return series
  }

  /** Notes the newest instant of a source, so that it is known when its rows are gone. */
  const saw = (source: Source, last: number) => {
    if (last <= source.lastTime) return
    sql.run('UPDATE source SET last_time = ? WHERE id = ?', [last, source.id])
    source.lastTime = last
  }

  /** Forgets a source and its series; its rows are the caller's. */
  const remove = (source: Source) => {
    sql.run('DELETE FROM series WHERE grp = ?', [source.id])
    sql.run('DELETE FROM source WHERE id = ?', [source.id])
    for (const [key, one] of byIdentity) if (one.source === source) byIdentity.delete(key)
    sources.delete(sourceKey(source.dataset, source.host))
    bySource.delete(source.id)
    aliases.clear()
  }

  /** The position of a field, given now if it has none. */
  const ensureField = (measurement: Measurement, name: string): number => {
    const known = measurement.positions.get(name)
    if (known !== undefined) return known
    const position = measurement.fields.length
    if (position >= MOST_FIELDS)
      throw new AppError({
        code: 'invalid',
        detail: `${measurement.name} has ${MOST_FIELDS} fields already: put what tells them apart into a tag.`,
      })
    sql.run('INSERT INTO field(measurement, pos, name) VALUES(?, ?, ?)', [
      measurement.id,
      position,
      name,
    ])
    addField(measurement, name)
    return position
  }

  reload()
  return {
    reload,
    ensureSeries,
    ensureField,
    saw,
    remove,
    source: (dataset: Dataset, host: string) => sources.get(sourceKey(dataset, host)),
    sources: (): readonly Source[] => [...sources.values()],
    measurement: (dataset: Dataset, name: string) => measurements.get(sourceKey(dataset, name)),
    /** The measurements of which there is any series. */
    measurements: (dataset: Dataset): readonly Measurement[] => {
      const used = new Set([...bySource.values()].flatMap((ofSource) => [...ofSource.keys()]))
      return [...measurements.values()].filter((one) => one.dataset === dataset && used.has(one.id))
    },
    /** The series of a source, of one measurement or of all. */
    seriesOf: (source: Source, measurement?: Measurement): readonly Series[] => {
      const ofSource = bySource.get(source.id)
      if (ofSource === undefined) return []
      return measurement === undefined
        ? [...ofSource.values()].flat()
        : (ofSource.get(measurement.id) ?? [])
    },
  }
}

const sourceKey = (dataset: Dataset, name: string) => `${dataset} ${name}`

const identity = (source: Source, measurement: Measurement, text: string) =>
  `${source.id} ${measurement.id} ${text}`

/** Lengths keep it unambiguous whatever the values hold. */
const aliasOf = (dataset: Dataset, name: string, tags: Tags): string => {
  let alias = `${dataset} ${name.length} ${name}`
  for (const tag in tags) {
    const value = tags[tag] ?? ''
    alias += `${tag.length} ${value.length} ${tag}${value}`
  }
  return alias
}

const emptyMeasurement = (id: number, dataset: Dataset, name: string): Measurement => ({
  id,
  dataset,
  name,
  fields: [],
  positions: new Map(),
  folds: [],
})

const addField = (measurement: Measurement, name: string) => {
  measurement.positions.set(name, measurement.fields.length)
  measurement.fields.push(name)
  measurement.folds.push(foldOf(measurement.dataset, measurement.name, name))
}

const makeSeries = (
  id: number,
  source: Source,
  measurement: Measurement,
  block: number,
  text: string,
): Series => {
  let tags: Tags | undefined
  return {
    id,
    source,
    measurement,
    block,
    text,
    // Most series are never read; their tags stay text.
    get tags() {
      tags ??= JSON.parse(text) as Tags
      return tags
    },
  }
}
