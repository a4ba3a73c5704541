import { isRecordDataset, type RecordDataset } from '../../../catalog/records.ts'
import type { Clock } from '../../../points/clock.ts'
import { DAY, HOUR, windowStart } from '../../../points/instant.ts'
import type { Deletion, RetentionPolicy } from '../../store.ts'
import type { Sql } from '../database.ts'
import { createMemo } from '../memo.ts'
import type { Pace } from '../pace.ts'
import type { createRecordRemover } from './remover.ts'
import type { SeriesBook } from './series-book.ts'

type Parts = {
  readonly sql: Sql
  readonly book: SeriesBook
  readonly remover: ReturnType<typeof createRecordRemover>
  readonly clock: Clock
  /** How long the wall clock has been right, in milliseconds. */
  readonly trustedFor: () => number
}

/** As for points: what a run would delete at most before the clock is known to be right. */
const SUSPICIOUS_MS = 2 * DAY
const TRUST_AFTER_MS = HOUR

type Cut = { readonly dataset: RecordDataset; readonly before: number }

/** What the last run went by. */
type LastRun = {
  readonly days: Readonly<Partial<Record<RecordDataset, number>>>
  readonly cuts: Readonly<Partial<Record<RecordDataset, number>>>
}

/** Deletes records that are older than the policy says. */
export const createRecordRetention = ({ sql, book, remover, clock, trustedFor }: Parts) => {
  const memo = createMemo<LastRun>(sql, 'record-retention', { days: {}, cuts: {} })

  const cutsOf = (policy: RetentionPolicy): readonly Cut[] =>
    policy.flatMap(({ dataset, days }) =>
      isRecordDataset(dataset) && days !== null
        ? [{ dataset, before: windowStart(clock.now() - days * DAY, HOUR) }]
        : [],
    )

  const count = async ({ dataset, before }: Cut, pace: Pace): Promise<Deletion> => {
    let points = 0
    let bytes = 0
    for (const series of book.ofDataset(dataset)) {
      const gone = await remover.count(series, before, pace)
      points += gone
      bytes += gone === 0 ? 0 : (series.bytes * gone) / series.count
    }
    return { dataset, tier: 'raw', points, bytes: Math.round(bytes) }
  }

  const preview = async (policy: RetentionPolicy, pace: Pace): Promise<readonly Deletion[]> => {
    const deletions: Deletion[] = []
    for (const cut of cutsOf(policy)) deletions.push(await count(cut, pace))
    return deletions
  }

  /** Would delete days of records that the run before did not: time has passed unseen, or the clock is wrong. */
  const isSuspicious = ({ dataset, before }: Cut): boolean => {
    const oldest = book
      .ofDataset(dataset)
      .reduce((least, { first }) => Math.min(least, first), Infinity)
    return before - Math.max(memo.get().cuts[dataset] ?? -Infinity, oldest) > SUSPICIOUS_MS
  }

  return {
    preview,
    run: async (policy: RetentionPolicy, pace: Pace): Promise<readonly Deletion[]> => {
      const cuts = cutsOf(policy)
      const days: LastRun['days'] = Object.fromEntries(
        policy.flatMap(({ dataset, days: kept }) =>
          isRecordDataset(dataset) && kept !== null ? [[dataset, kept]] : [],
        ),
      )
      const isKnown = cuts.every(({ dataset }) => memo.get().days[dataset] === days[dataset])
      if (isKnown && cuts.some(isSuspicious) && trustedFor() < TRUST_AFTER_MS) return []
      const deletions = await preview(policy, pace)
      memo.set({
        days,
        cuts: Object.fromEntries(cuts.map(({ dataset, before }) => [dataset, before])),
      })
      for (const { dataset, before } of cuts)
        for (const series of book.ofDataset(dataset)) await remover.cut(series, before, pace)
      return deletions
    },
  }
}
