import type { RecordDataset } from '../../../catalog/records.ts'
import { canonicalTags, type Tags } from '../../../points/point.ts'
import { numberAt, pragma, textAt, type Sql } from '../database.ts'
import { RECORDS_SCHEMA } from '../schema.ts'

/** One series of records, and what is known of its rows. Times in milliseconds. */
export type RecordSeriesEntry = {
  readonly id: number
  readonly dataset: RecordDataset
  readonly measurement: string
  readonly tags: Tags
  /** Its tags as `canonicalTags` writes them. */
  readonly text: string
  /** What a bare number among its rows stands for; null: all of them are JSON. */
  readonly field: string | null
  first: number
  last: number
  count: number
  /** What its rows take, estimated. */
  bytes: number
}

export type SeriesBook = ReturnType<typeof createSeriesBook>

/** All series of records, in memory; what changes is written within the caller's transaction by `save`. */
export const createSeriesBook = (sql: Sql) => {
  const byIdentity = new Map<string, RecordSeriesEntry>()
  const byMeasurement = new Map<string, Map<number, RecordSeriesEntry>>()
  let nextId = 1

  const add = (entry: RecordSeriesEntry) => {
    byIdentity.set(identityOf(entry.dataset, entry.measurement, entry.text), entry)
    const key = measurementKey(entry.dataset, entry.measurement)
    const list = byMeasurement.get(key) ?? new Map<number, RecordSeriesEntry>()
    byMeasurement.set(key, list.set(entry.id, entry))
  }

  const reload = () => {
    byIdentity.clear()
    byMeasurement.clear()
    nextId = 1
    if (pragma(sql, 'user_version') < RECORDS_SCHEMA) return
    for (const row of sql.all(`SELECT ${COLUMNS} FROM record_series`)) {
      const text = textAt(row, 3)
      const id = numberAt(row, 0)
      nextId = Math.max(nextId, id + 1)
      add({
        ...parsedOnce(text),
        id,
        dataset: textAt(row, 1) as RecordDataset,
        measurement: textAt(row, 2),
        text,
        field: row[4] === null ? null : textAt(row, 4),
        first: numberAt(row, 5),
        last: numberAt(row, 6),
        count: numberAt(row, 7),
        bytes: numberAt(row, 8),
      })
    }
  }

  reload()
  return {
    reload,
    /** The series of a record, which is made with `field` where there is none; it is in the file after `save`. */
    ensure: (
      dataset: RecordDataset,
      measurement: string,
      tags: Tags,
      field: string | null,
    ): RecordSeriesEntry => {
      const text = canonicalTags(tags)
      const known = byIdentity.get(identityOf(dataset, measurement, text))
      if (known !== undefined) return known
      const entry: RecordSeriesEntry = {
        ...parsedOnce(text),
        id: nextId++,
        dataset,
        measurement,
        text,
        field,
        first: Infinity,
        last: -Infinity,
        count: 0,
        bytes: 0,
      }
      add(entry)
      return entry
    },
    save: ({ id, dataset, measurement, text, field, ...of }: RecordSeriesEntry) => {
      sql.run(
        `INSERT INTO record_series(${COLUMNS}) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT(id) DO UPDATE SET first_time = excluded.first_time, last_time = excluded.last_time,
           count = excluded.count, bytes = excluded.bytes`,
        [id, dataset, measurement, text, field, of.first, of.last, of.count, Math.round(of.bytes)],
      )
    },
    /** Forgets a series; its rows are the caller's. */
    remove: (entry: RecordSeriesEntry) => {
      sql.run('DELETE FROM record_series WHERE id = ?', [entry.id])
      byIdentity.delete(identityOf(entry.dataset, entry.measurement, entry.text))
      byMeasurement.get(measurementKey(entry.dataset, entry.measurement))?.delete(entry.id)
    },
    /** Whether a series is still the one that the book has. */
    has: (entry: RecordSeriesEntry): boolean =>
      byMeasurement.get(measurementKey(entry.dataset, entry.measurement))?.get(entry.id) === entry,
    /** The series of a measurement whose tags hold `tags` and have one of the values of each of `anyOf`. */
    matching: (
      dataset: RecordDataset,
      measurement: string,
      tags: Tags,
      anyOf: Readonly<Record<string, readonly string[]>> = {},
    ): readonly RecordSeriesEntry[] => {
      const equal = Object.entries(tags)
      const among = Object.entries(anyOf).map(([name, list]) => [name, new Set(list)] as const)
      return [...(byMeasurement.get(measurementKey(dataset, measurement))?.values() ?? [])].filter(
        (entry) =>
          equal.every(([name, value]) => entry.tags[name] === value) &&
          among.every(([name, values]) => {
            const value = entry.tags[name]
            return value !== undefined && values.has(value)
          }),
      )
    },
    ofDataset: (dataset: RecordDataset): readonly RecordSeriesEntry[] =>
      [...byIdentity.values()].filter((entry) => entry.dataset === dataset),
    all: (): readonly RecordSeriesEntry[] => [...byIdentity.values()],
  }
}

const COLUMNS = 'id, dataset, measurement, tags, field, first_time, last_time, count, bytes'

const measurementKey = (dataset: RecordDataset, measurement: string) => `${dataset} ${measurement}`

/** The length keeps it unambiguous whatever the name holds. */
const identityOf = (dataset: RecordDataset, measurement: string, text: string) =>
  `${dataset} ${measurement.length} ${measurement}${text}`

/** Most series are never looked at; their tags stay text. */
const parsedOnce = (text: string): { readonly tags: Tags } => {
  let tags: Tags | undefined
  return {
    get tags() {
      tags ??= JSON.parse(text) as Tags
      return tags
    },
  }
}
