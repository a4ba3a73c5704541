import type { Accounts } from '../accounts/accounts.ts'
import type { Clock } from '../points/clock.ts'
import { SECOND } from '../points/instant.ts'
import type { Sampler } from '../sampler/sampler.ts'
import type { SeriesStore } from '../store/store.ts'

export type ProblemDeps = {
  readonly store: Pick<SeriesStore, 'health'>
  readonly sampler: Pick<Sampler, 'latest'>
  readonly accounts: Pick<Accounts, 'config'>
  readonly clock: Clock
}

/** More intervals than this without a sample are a problem, as they are a gap in history. */
const INTERVALS = 2.5

/** What is wrong now, a sentence each: what the store says of itself, and a sampler that has stopped. */
export const problemsOf = ({ store, sampler, accounts, clock }: ProblemDeps) => {
  const startedAt = clock.now()
  return (): readonly string[] => {
    const silentMs = clock.now() - Math.max(startedAt, sampler.latest()?.at ?? startedAt)
    const allowedMs = INTERVALS * accounts.config.get().sampling_interval_seconds * SECOND
    const silent =
      silentMs > allowedMs
        ? [`No sample was taken for ${Math.round(silentMs / SECOND)} seconds.`]
        : []
    return [...store.health().problems, ...silent]
  }
}
