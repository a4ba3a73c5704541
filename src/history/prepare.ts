import type { Coverage } from '../store/store.ts'
import type { HistoryDeps } from './deps.ts'
import type { AnsweredInterval, IntervalName } from './history.ts'
import { coarser } from './interval.ts'
import { chooseInterval } from './plan.ts'
import type { Period } from './parameters.ts'
import { findSubject, sourceOf, valuesAWindow, type Source, type Subject } from './subject.ts'

/** What is known before anything is read. */
export type Prepared = {
  readonly subject: Subject
  readonly source: Source
  readonly coverage: Coverage
  readonly interval: AnsweredInterval
  /** The interval if no limit had made it coarser. */
  readonly unlimited: AnsweredInterval
  readonly valuesAWindow: number
}

const NOTHING = { oldest: null, newest: null, horizon: null }
const NOT_ROLLED_UP = { ...NOTHING, rolledUpTo: null, dirty: [] }
/** What was pushed has no tiers: all of it is read from raw. */
const RAW_ONLY: Coverage = {
  raw: NOTHING,
  '1m': NOT_ROLLED_UP,
  '5m': NOT_ROLLED_UP,
  '1h': NOT_ROLLED_UP,
}

type Asked = {
  readonly metricType: string
  readonly host: string | undefined
  readonly interval: IntervalName
  readonly limit: number
}

/** Finds the subject, its rows and one interval for all periods: the coarsest that one of them needs. */
export const prepare = async (
  asked: Asked,
  periods: readonly Period[],
  deps: HistoryDeps,
): Promise<Prepared> => {
  const subject = await findSubject(asked.metricType, asked.host, deps)
  const source = await sourceOf(subject, asked.host, deps)
  const coverage =
    subject.kind === 'pushed'
      ? RAW_ONLY
      : await deps.store.coverage('metrics', source.tags['host'] ?? deps.host)
  const samplingIntervalMs = deps.samplingIntervalMs()
  const intervalFor = (limit: number) =>
    periods
      .map((period) =>
        chooseInterval({ ...period, asked: asked.interval, limit, samplingIntervalMs }, coverage),
      )
      .reduce(coarser, '5s')
  return {
    subject,
    source,
    coverage,
    interval: intervalFor(asked.limit),
    unlimited: intervalFor(Infinity),
    valuesAWindow: valuesAWindow(subject, source, deps),
  }
}
