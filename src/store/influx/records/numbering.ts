import { AppError } from '../../../app-error.ts'
import { seriesKey } from '../../../points/point.ts'
import { SEQ_LIMIT, type NewRecord, type StoredRecord } from '../../../points/record.ts'
import type { StateBook } from '../state.ts'

/** So many numbers are set aside on the disk at once: a crash loses them, and gives none twice. */
const RESERVED = 50_000
/** Records of which it is remembered that they are there; the oldest are forgotten. */
const MOST_REMEMBERED = 100_000

/**
 * Numbers records by a counter that outlives a crash. A record that brings its number and is there already, as far as
 * that is remembered, is left out: InfluxDB would lay the second over the first.
 */
export const createNumbering = (state: Pick<StateBook, 'nextSeq' | 'setNextSeq' | 'save'>) => {
  let next = state.nextSeq()
  let end = next
  const noneLeft = () => next >= end
  let reserving: Promise<void> | undefined
  const there = new Set<string>()
  /** Those of them that are being stored. */
  const coming = new Map<string, Promise<void>>()

  const reserve = async () => {
    const upTo = next + RESERVED
    state.setNextSeq(upTo)
    try {
      await state.save()
    } catch (cause) {
      throw new AppError({
        code: 'unavailable',
        detail: `The numbers of records cannot be kept: ${cause instanceof Error ? cause.message : 'unknown'}. Free space on the disk of the data folder, or mend it.`,
        retryAfterSeconds: 10,
        cause,
      })
    }
    end = upTo
  }
  const reserved = (): Promise<void> => {
    reserving ??= reserve().finally(() => {
      reserving = undefined
    })
    return reserving
  }

  const remember = (key: string) => {
    there.add(key)
    if (there.size <= MOST_REMEMBERED) return
    const [oldest] = there
    if (oldest !== undefined) there.delete(oldest)
  }

  const number = async (
    records: readonly NewRecord[],
    stored: Promise<void>,
    keys: string[],
  ): Promise<{ fresh: readonly StoredRecord[]; others: readonly Promise<void>[] }> => {
    const fresh: StoredRecord[] = []
    const others: Promise<void>[] = []
    for (const record of records) {
      const place = `${record.at} ${seriesKey(record.measurement, record.tags)}`
      const keyOf = (seq: number) => `${seq} ${place}`
      let { seq } = record
      if (seq !== undefined && there.has(keyOf(seq))) {
        const other = coming.get(keyOf(seq))
        if (other !== undefined && other !== stored) others.push(other)
        continue
      }
      if (seq !== undefined) coming.set(keyOf(seq), stored)
      // a number that was brought along is passed over
      while (seq === undefined || (record.seq === undefined && there.has(keyOf(seq)))) {
        // nothing is taken that is not set aside, whoever else was waiting for it
        while (noneLeft()) await reserved()
        seq = next % SEQ_LIMIT
        next += 1
      }
      remember(keyOf(seq))
      keys.push(keyOf(seq))
      fresh.push({ ...record, seq })
    }
    return { fresh, others }
  }

  return {
    /** Stores those that are new, with their numbers. Resolves when all are stored, whoever brought them. */
    append: async (
      records: readonly NewRecord[],
      store: (records: readonly StoredRecord[]) => Promise<void>,
    ): Promise<void> => {
      const mine = promised()
      const keys: string[] = []
      const waitedFor: Promise<void>[] = []
      try {
        const { fresh, others } = await number(records, mine.promise, keys)
        waitedFor.push(...others)
        if (fresh.length > 0) await store(fresh)
        mine.resolve()
      } catch (error) {
        // they may come again
        for (const key of keys) there.delete(key)
        mine.reject(error)
        throw error
      } finally {
        for (const key of keys) coming.delete(key)
      }
      await Promise.all(waitedFor)
    },
    /** What was deleted may come again. */
    forget: () => there.clear(),
  }
}

/** A promise of which nobody need hear that it was broken. */
const promised = () => {
  let resolve: () => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<void>((done, failed) => {
    resolve = done
    reject = failed
  })
  promise.catch(() => undefined)
  return { promise, resolve, reject }
}
