import type { RecordQuery } from '../../records.ts'
import { HOUR, MINUTE } from '../../../points/instant.ts'

/** The first look; what is found says how wide the next has to be. */
export const FIRST_MS = 10 * MINUTE
const LEAST_MS = 1_000
const MOST_FIRST_MS = 24 * HOUR
const MOST_REMEMBERED = 200

/** So many texts are looked through as fast as a script is answered at all; what is frequent is among them. */
const FIRST_TEXTS = 20_000

/** Remembers how wide a stretch of time was good for a question. */
export const createWidths = () => {
  const widths = new Map<string, number>()
  /** Rows a millisecond where measurements were looked through last. */
  const rates = new Map<string, number>()
  const keyOf = ({ measurement, tags, anyOf, contains, order }: RecordQuery): string =>
    JSON.stringify([measurement, tags, anyOf, contains, order])
  const firstOf = ({ measurement, contains }: RecordQuery): number => {
    const rate = contains === undefined ? undefined : rates.get(measurement)
    return rate === undefined ? FIRST_MS : within(FIRST_TEXTS / rate)
  }
  return {
    of: (query: RecordQuery): number => widths.get(keyOf(query)) ?? firstOf(query),
    /** Half as much again as a whole page needed. */
    learn: (query: RecordQuery, pageMs: number) => {
      const key = keyOf(query)
      widths.delete(key)
      widths.set(key, within(pageMs * 1.5))
      const [oldest] = widths.keys()
      if (widths.size > MOST_REMEMBERED && oldest !== undefined) widths.delete(oldest)
    },
    /** What there was to look at. */
    saw: ({ measurement }: RecordQuery, rowsPerMs: number) => {
      if (rowsPerMs > 0) rates.set(measurement, rowsPerMs)
    },
  }
}

const within = (ms: number): number => Math.max(LEAST_MS, Math.min(MOST_FIRST_MS, ms))
