import type { RecordQuery } from '../../records.ts'
import { HOUR, MINUTE } from '../../../points/instant.ts'

/** The first look; what is found says how wide the next has to be. */
export const FIRST_MS = 10 * MINUTE
const LEAST_MS = 1_000
const MOST_FIRST_MS = 24 * HOUR
const MOST_REMEMBERED = 200

/** Remembers how wide a stretch of time was good for a question. */
export const createWidths = () => {
  const widths = new Map<string, number>()
  const keyOf = ({ measurement, tags, anyOf, contains, order }: RecordQuery): string =>
    JSON.stringify([measurement, tags, anyOf, contains, order])
  return {
    of: (query: RecordQuery): number => widths.get(keyOf(query)) ?? FIRST_MS,
    /** Half as much again as a whole page needed. */
    learn: (query: RecordQuery, pageMs: number) => {
      const key = keyOf(query)
      widths.delete(key)
      widths.set(key, Math.max(LEAST_MS, Math.min(MOST_FIRST_MS, pageMs * 1.5)))
      const [oldest] = widths.keys()
      if (widths.size > MOST_REMEMBERED && oldest !== undefined) widths.delete(oldest)
    },
  }
}
