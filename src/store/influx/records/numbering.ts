import { seriesKey } from '../../../points/point.ts'
import { SEQ_LIMIT, type NewRecord, type StoredRecord } from '../../../points/record.ts'
import type { StateBook } from '../state.ts'

/** So many numbers are set aside on the disk at once: a crash loses them, and gives none twice. */
const RESERVED = 10_000
/** Records of which it is remembered that they are there; the oldest are forgotten. */
const MOST_REMEMBERED = 100_000

/**
 * Numbers records by a counter that outlives a crash. A record that brings its number and is there already, as far as
 * that is remembered, is left out: InfluxDB would lay the second over the first.
 */
export const createNumbering = (state: Pick<StateBook, 'nextSeq' | 'setNextSeq' | 'save'>) => {
  let next = state.nextSeq()
  let end = next
  let reserving: Promise<void> | undefined
  const there = new Set<string>()

  const reserve = async (count: number) => {
    const upTo = next + Math.max(RESERVED, count)
    state.setNextSeq(upTo)
    await state.save()
    end = upTo
  }

  const numbersFor = async (count: number): Promise<void> => {
    if (end - next >= count) return
    reserving ??= reserve(count).finally(() => {
      reserving = undefined
    })
    await reserving
    // others may have taken what was set aside
    return numbersFor(count)
  }

  const remember = (key: string) => {
    there.add(key)
    if (there.size <= MOST_REMEMBERED) return
    const [oldest] = there
    if (oldest !== undefined) there.delete(oldest)
  }

  return {
    /** The records that are new, with their numbers. */
    number: async (records: readonly NewRecord[]): Promise<readonly StoredRecord[]> => {
      await numbersFor(records.length)
      return records.flatMap((record) => {
        const place = `${record.at} ${seriesKey(record.measurement, record.tags)}`
        const keyOf = (seq: number) => `${seq} ${place}`
        if (record.seq !== undefined && there.has(keyOf(record.seq))) return []
        let seq = record.seq
        if (seq === undefined) {
          while (there.has(keyOf(next % SEQ_LIMIT))) next += 1
          seq = next % SEQ_LIMIT
          next += 1
        }
        remember(keyOf(seq))
        return [{ ...record, seq }]
      })
    },
    /** What is not stored after all, or was deleted, may come again. */
    forget: () => there.clear(),
  }
}
