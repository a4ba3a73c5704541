import { AppError } from '../app-error.ts'
import { ROLLUP_TIERS } from '../catalog/tiers.ts'
import {
  HOUR,
  instant,
  windowCeil,
  windowStart,
  type Instant,
  type TimeRange,
} from '../points/instant.ts'
import type { Beside, SeriesColumns } from '../store/range-query.ts'
import type { Coverage } from '../store/store.ts'
import type { HistoryDeps } from './deps.ts'
import { plan } from './plan.ts'
import type { Source } from './subject.ts'
import { stitch, type Table } from './table.ts'

/** Values (windows x series x fields) of one answer. */
export const MOST_VALUES = 2_000_000

/** Throws the AppError `invalid` of an answer with more values than allowed. */
export const refuseAbove = (most: number | undefined, values: number): void => {
  if (values <= (most ?? MOST_VALUES)) return
  throw new AppError({
    code: 'invalid',
    detail: `The answer would have more than ${most ?? MOST_VALUES} values. Ask for a shorter range, a coarser interval or a smaller limit`,
  })
}

export type Gathering = {
  readonly source: Source
  readonly coverage: Coverage
  /** At seams of `windowMs`. */
  readonly windows: TimeRange
  readonly windowMs: number
  readonly beside: readonly Beside[]
  /** Reading may stop when there are more windows than this. */
  readonly enough: number
  /** How many values a window has, as far as that is known. */
  readonly valuesAWindow: number
}

/** Longer and longer stretches are read until there is enough: data is dense as a rule, and the first one has it all. */
const GROWTH = 4

/** The table of the range's windows, or of the first ones where there are more than enough. */
export const gather = async (gathering: Gathering, deps: HistoryDeps): Promise<Table> => {
  const { windowMs, enough, valuesAWindow } = gathering
  const windows = whereDataCanBe(gathering, deps)
  const most = Math.ceil((deps.maxValues ?? MOST_VALUES) / valuesAWindow)
  const answers: (readonly SeriesColumns[])[] = []
  let table = stitch(answers, windowMs)
  let from: number = windows.from
  let size = enough + 1
  while (from < windows.to && table.at.length <= enough) {
    const to = Math.min(windows.to, from + size * windowMs)
    answers.push(...(await readAll(gathering, { from: instant(from), to: instant(to) }, deps)))
    refuseAbove(deps.maxValues, valuesIn(answers))
    table = stitch(answers, windowMs)
    from = to
    size = Math.max(enough + 1, Math.min(size * GROWTH, most))
  }
  return table
}

/** A question may begin in 1970 and end in 9999: nothing is older than the oldest row, and little is of the future. */
const whereDataCanBe = (
  { coverage, windows, windowMs }: Gathering,
  { clock }: Pick<HistoryDeps, 'clock'>,
): TimeRange => {
  const tiers = [coverage.raw, ...ROLLUP_TIERS.map((tier) => coverage[tier])]
  const oldest = Math.min(...tiers.map((tier) => tier.oldest ?? Infinity))
  const newest = Math.max(clock.now(), ...tiers.map((tier) => tier.newest ?? -Infinity))
  return {
    from: oldest === Infinity ? windows.from : later(windows.from, windowStart(oldest, windowMs)),
    to: instant(Math.min(windows.to, windowCeil(newest + HOUR, windowMs))),
  }
}

const later = (a: Instant, b: Instant): Instant => instant(Math.max(a, b))

const readAll = (
  { source, coverage, windowMs, beside }: Gathering,
  range: TimeRange,
  { store }: HistoryDeps,
): Promise<readonly (readonly SeriesColumns[])[]> =>
  Promise.all(
    plan(range, windowMs, coverage).map(({ partial, ...read }) =>
      store.read({ ...source, ...read, beside: partial ? withCounts(beside) : beside }),
    ),
  )

const withCounts = (beside: readonly Beside[]): readonly Beside[] => [
  ...new Set([...beside, 'n'] as const),
]

const valuesIn = (answers: readonly (readonly SeriesColumns[])[]): number =>
  answers.flat().reduce((sum, { at, fields }) => sum + at.length * Object.keys(fields).length, 0)
