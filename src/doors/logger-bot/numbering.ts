import { createHash } from 'node:crypto'
import type { Instant } from '../../points/instant.ts'
import { SEQ_LIMIT, type NewRecord } from '../../points/record.ts'
import type { LogRecord } from './mapper.ts'
import type { Batch } from './wire.ts'

/** Lines and batches that are remembered; the oldest are forgotten. */
const MOST_LINES = 200_000
const MOST_BATCHES = 10_000

export type NumberedBatch = {
  /** When the batch came for the first time, as far as that is remembered. */
  readonly arrival: Instant
  number(records: readonly LogRecord[]): readonly NewRecord[]
}

/**
 * Gives the records of a batch their `seq`: the same batch gets the same numbers and the same arrival, so that one that is
 * sent again is stored once, and the order of a batch is kept.
 *
 * The clients' times are whole seconds, so many records share an instant, and numbers below a million meet. Lines of
 * the last minutes are remembered: another line that would get a number that is taken gets the next free one.
 */
export const createNumbering = () => {
  /** By instant, user and level: which line has which number. */
  const taken = new Map<string, Map<number, string>>()
  const arrivals = new Map<string, Instant>()
  let lineCount = 0

  const forgetOldest = () => {
    for (const [place, lines] of taken) {
      if (lineCount <= MOST_LINES) return
      taken.delete(place)
      lineCount -= lines.size
    }
  }

  const arrivalOf = (batch: string, now: Instant): Instant => {
    const known = arrivals.get(batch)
    if (known !== undefined) return known
    const [oldest] = arrivals.keys()
    if (arrivals.size >= MOST_BATCHES && oldest !== undefined) arrivals.delete(oldest)
    arrivals.set(batch, now)
    return now
  }

  const numberOf = (lines: Map<number, string>, wanted: number, line: string): number => {
    for (let seq = wanted; ; seq = (seq + 1) % SEQ_LIMIT) {
      const holder = lines.get(seq)
      if (holder === line) return seq
      if (holder === undefined) {
        lines.set(seq, line)
        lineCount += 1
        return seq
      }
    }
  }

  return (batch: Batch, now: Instant): NumberedBatch => {
    const digest = createHash('sha256').update(JSON.stringify(batch)).digest()
    const name = digest.toString('base64')
    const first = digest.readUInt32BE(0) % SEQ_LIMIT
    return {
      arrival: arrivalOf(name, now),
      number: (records) => {
        const numbered = records.map((record, index) => {
          const place = `${record.at} ${record.tags.level} ${record.tags.user}`
          const lines = taken.get(place) ?? new Map<number, string>()
          taken.set(place, lines)
          return { ...record, seq: numberOf(lines, (first + index) % SEQ_LIMIT, `${name}${index}`) }
        })
        forgetOldest()
        return numbered
      },
    }
  }
}
