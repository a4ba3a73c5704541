import { instant } from '../../../points/instant.ts'
import { canonicalTags, type Tags } from '../../../points/point.ts'
import type { StoredRecord } from '../../../points/record.ts'
import type { CsvTable } from '../csv-rows.ts'
import type { CellCollector } from '../queries.ts'
import { fromAnswer } from './text.ts'

/** Columns of an answer that are no tags. */
const OWN_COLUMNS: ReadonlySet<string> = new Set(['result', 'table', '_time', '_field', '_value'])

type Column = CsvTable['columns'][number]

/** Where things stand in the rows of a block; the tags of a block are those of its columns. */
export type Block = {
  readonly time: Column | undefined
  readonly field: Column | undefined
  readonly value: Column | undefined
  readonly result: Column | undefined
  readonly isNumber: boolean
  readonly tags: readonly Column[]
}

export const blockOf = ({ columns }: CsvTable): Block => {
  const named = (label: string) => columns.find((one) => one.label === label)
  const value = named('_value')
  return {
    time: named('_time'),
    field: named('_field'),
    value,
    result: named('result'),
    isNumber: value?.type !== 'string',
    tags: columns.filter(({ label }) => !OWN_COLUMNS.has(label)),
  }
}

/** Remembers the block of a table: rows come by the thousand. */
export const blockReader = (): ((table: CsvTable) => Block) => {
  let known: CsvTable | undefined
  let block: Block | undefined
  return (table) => {
    if (block === undefined || table !== known) {
      known = table
      block = blockOf(table)
    }
    return block
  }
}

/** `2025-01-18T10:00:00.123456789Z`: the nanoseconds behind the millisecond, 0..999,999. */
export const seqIn = (time: string): number =>
  time[19] === '.' ? Number(time.slice(20, -1).padEnd(9, '0').slice(3)) : 0

/** Puts the rows of fields together to records; `measurement` is what was asked for. */
export const collectRecords = (measurement: string): CellCollector<readonly StoredRecord[]> => {
  const records = new Map<string, StoredRecord & { fields: Record<string, number | string> }>()
  const blockFor = blockReader()
  return {
    cells: (row, table) => {
      const { time, field, value, isNumber, tags } = blockFor(table)
      if (time === undefined || field === undefined || value === undefined) return
      if (row.isEmpty(time.index)) return
      const own = tagsIn(row, tags)
      const text = row.text(time.index)
      const key = `${text}${canonicalTags(own)}`
      const known = records.get(key)
      const record = known ?? {
        measurement,
        tags: own,
        at: instant(row.time(time.index)),
        seq: seqIn(text),
        fields: {},
      }
      if (known === undefined) records.set(key, record)
      record.fields[row.text(field.index)] = isNumber
        ? row.number(value.index)
        : fromAnswer(row.text(value.index))
    },
    answer: () => [...records.values()],
  }
}

/** The tags of a row. */
export const tagsIn = (
  row: { readonly text: (column: number) => string },
  columns: Block['tags'],
): Tags => {
  const tags: Record<string, string> = {}
  for (const { label, index } of columns) {
    const text = row.text(index)
    if (text !== '') tags[label] = text
  }
  return tags
}
