import { instant } from '../../../points/instant.ts'
import { canonicalTags, type Tags } from '../../../points/point.ts'
import type { RecordSeriesSummary } from '../../records.ts'
import type { CellCollector } from '../queries.ts'
import { blockReader, tagsIn } from './rows.ts'

type Summary = { readonly tags: Tags; first: number; last: number; count: number }

/** The ends and counts of the fields of each series: a series has as many records as its fullest field. */
export const collectSeries = (): CellCollector<readonly RecordSeriesSummary[]> => {
  const found = new Map<string, Summary>()
  const blockFor = blockReader()
  return {
    cells: (row, table) => {
      const { result, time, value, tags: columns } = blockFor(table)
      const tags = tagsIn(row, columns)
      const key = canonicalTags(tags)
      const summary = found.get(key) ?? { tags, first: Infinity, last: -Infinity, count: 0 }
      found.set(key, summary)
      const of = result && (row.text(result.index) || result.defaultValue)
      if (of === 'count' && value !== undefined)
        summary.count = Math.max(summary.count, row.number(value.index))
      if (time === undefined) return
      const at = row.time(time.index)
      if (of === 'first') summary.first = Math.min(summary.first, at)
      if (of === 'last') summary.last = Math.max(summary.last, at)
    },
    answer: () =>
      [...found]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([, { tags, first, last, count }]) => ({
          tags,
          first: instant(first),
          last: instant(last),
          count,
        })),
  }
}
