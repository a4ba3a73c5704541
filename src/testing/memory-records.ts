import { AppError } from '../app-error.ts'
import { isRecordDataset, type RecordDataset } from '../catalog/records.ts'
import { containsFolded, foldText } from '../points/fold-text.ts'
import { DAY, instant } from '../points/instant.ts'
import { canonicalTags, seriesKey, type Tags } from '../points/point.ts'
import { comparePlaces, SEQ_LIMIT, type NewRecord, type StoredRecord } from '../points/record.ts'
import type { RecordSelection, RecordStore } from '../store/records.ts'
import type { Deletion, Extent, RetentionPolicy } from '../store/store.ts'
import { validateRecords } from '../store/validate.ts'

const BYTES_A_RECORD = 64
const ROWS_PER_BLOCK = 100

/** Records in memory for tests: right by brute force, not fast. `check` throws what every method is to reject with. */
export const createMemoryRecords = (check: () => void) => {
  const stored = new Map<RecordDataset, Map<string, StoredRecord>>()
  let next = 0

  const listOf = (dataset: RecordDataset): Map<string, StoredRecord> => {
    const list = stored.get(dataset) ?? new Map<string, StoredRecord>()
    stored.set(dataset, list)
    return list
  }
  const of = (dataset: RecordDataset) => [...listOf(dataset).values()]
  const forget = (dataset: RecordDataset, isGone: (record: StoredRecord) => boolean) => {
    const list = listOf(dataset)
    for (const [key, record] of list) if (isGone(record)) list.delete(key)
  }

  const put = (dataset: RecordDataset, record: NewRecord) => {
    const list = listOf(dataset)
    const series = seriesKey(record.measurement, record.tags)
    const keyOf = (seq: number) => `${record.at} ${seq} ${series}`
    if (record.seq === undefined) while (list.has(keyOf(next % SEQ_LIMIT))) next += 1
    const seq = record.seq ?? next++ % SEQ_LIMIT
    if (!list.has(keyOf(seq))) list.set(keyOf(seq), { ...record, seq })
  }

  const records: RecordStore = {
    append: async (dataset, list) => {
      check()
      for (const record of validateRecords(list)) put(dataset, record)
    },
    find: async ({ order, limit, after, ...selection }) => {
      check()
      const sign = order === 'newest first' ? -1 : 1
      return selected(of(selection.dataset), selection)
        .filter((record) => after === undefined || sign * comparePlaces(record, after) > 0)
        .toSorted((a, b) => sign * comparePlaces(a, b))
        .slice(0, limit)
    },
    values: async function* (selection, field) {
      check()
      const rows = selected(of(selection.dataset), selection)
        .toSorted(comparePlaces)
        .flatMap(({ at, fields }) => {
          const value = fields[field]
          return typeof value === 'number' ? [{ at, value }] : []
        })
      for (let from = 0; from < rows.length; from += ROWS_PER_BLOCK) {
        const block = rows.slice(from, from + ROWS_PER_BLOCK)
        yield {
          at: Float64Array.from(block, ({ at }) => at),
          value: Float64Array.from(block, ({ value }) => value),
        }
      }
    },
    series: async (dataset, measurement, tags) => {
      check()
      const groups = new Map<string, { tags: Tags; at: number[] }>()
      for (const record of of(dataset).filter(belongs(measurement, tags))) {
        const key = canonicalTags(record.tags)
        const group = groups.get(key) ?? { tags: record.tags, at: [] }
        group.at.push(record.at)
        groups.set(key, group)
      }
      return [...groups]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([, group]) => ({
          tags: group.tags,
          first: instant(Math.min(...group.at)),
          last: instant(Math.max(...group.at)),
          count: group.at.length,
        }))
    },
    remove: async (dataset, measurement, tags) => {
      check()
      if (Object.keys(tags).length === 0)
        throw new AppError({ code: 'invalid', detail: 'Name a tag.' })
      forget(dataset, belongs(measurement, tags))
    },
  }

  return {
    records,
    extent: (dataset: RecordDataset): Extent => {
      const at = of(dataset).map((record) => record.at)
      return {
        oldest: at.length === 0 ? null : instant(Math.min(...at)),
        newest: at.length === 0 ? null : instant(Math.max(...at)),
        points: at.length,
        bytes: at.length * BYTES_A_RECORD,
      }
    },
    /** Deletes, or with `preview` only counts, what is older than the policy says. */
    retain: (policy: RetentionPolicy, now: number, preview: boolean): readonly Deletion[] =>
      policy.flatMap(({ dataset, tier, days }) => {
        if (days === null || !isRecordDataset(dataset)) return []
        const isGone = ({ at }: StoredRecord) => at < now - days * DAY
        const points = of(dataset).filter(isGone).length
        if (!preview) forget(dataset, isGone)
        return [{ dataset, tier, points, bytes: points * BYTES_A_RECORD }]
      }),
  }
}

const belongs =
  (measurement: string, tags: Tags) =>
  (record: StoredRecord): boolean =>
    record.measurement === measurement &&
    Object.entries(tags).every(([name, value]) => record.tags[name] === value)

const selected = (
  records: readonly StoredRecord[],
  { measurement, range, tags, anyOf = {}, contains }: RecordSelection,
): readonly StoredRecord[] => {
  const folded = contains && foldText(contains.text)
  return records.filter(belongs(measurement, tags)).filter((record) => {
    if (record.at < range.from || record.at >= range.to) return false
    for (const [name, values] of Object.entries(anyOf))
      if (!values.some((value) => record.tags[name] === value)) return false
    const text = contains && record.fields[contains.field]
    return folded === undefined || (typeof text === 'string' && containsFolded(text, folded))
  })
}
