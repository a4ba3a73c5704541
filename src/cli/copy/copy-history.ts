import { ROLLUP_TIERS } from '../../catalog/tiers.ts'
import {
  DAY,
  HOUR,
  instant,
  windowStart,
  type Instant,
  type TimeRange,
} from '../../points/instant.ts'
import type { HistoryImport, HistoryPart, Taken } from '../../store/history-import.ts'
import { BESIDE, type RangeQuery } from '../../store/range-query.ts'
import type { SeriesStore } from '../../store/store.ts'
import type { CopyNote } from './note.ts'

/** A part of the source and the days (UTC) that hold rows of it. */
export type SourcePart = HistoryPart & { readonly days: readonly Instant[] }

type Copying = {
  readonly source: SeriesStore
  readonly target: HistoryImport
  /** Raw rows first: what the tasks make of half of them is replaced by the windows that come then. */
  readonly parts: readonly SourcePart[]
  readonly note: CopyNote
  readonly now: Instant
  /** Throws when somebody wants to stop. */
  readonly check: () => void
  readonly onRows: (done: number) => void
}

/** The tasks of InfluxDB look back so far, and may have met an hour half copied. */
const TASKS_LOOK_BACK_MS = 4 * HOUR
const MOST_ROLLED_MS = 6 * HOUR

/** Copies day after day, raw rows hour by hour, whatever the note does not have yet. */
export const copyHistory = async ({ source, target, ...rest }: Copying): Promise<void> => {
  const { parts, note, now, check, onRows } = rest
  let done = note.rows()
  onRows(done)
  for (const part of parts) {
    const isRawMetrics = part.dataset === 'metrics' && part.tier === 'raw'
    const step = part.tier === 'raw' ? HOUR : DAY
    const questions = await questionsOf(source, part)
    const beside = part.tier === 'raw' ? [] : BESIDE
    for (const day of part.days)
      for (let at = note.day(part, day)?.to ?? day; at < day + DAY; at += step) {
        const range = { from: instant(at), to: instant(at + step) }
        const all: Taken[] = []
        let rows = 0
        for (const question of questions) {
          check()
          const asked = { dataset: part.dataset, tier: part.tier, ...question, range }
          const found = await source.read({ ...asked, beside })
          if (found.length === 0) continue
          const taken = await target.put({ ...asked, rows: found })
          all.push(taken)
          rows += found.reduce((sum, one) => sum + one.at.length, 0)
          if (isRawMetrics && (taken.beside || at >= now - TASKS_LOOK_BACK_MS)) note.rollAgain(at)
        }
        note.add(part, day, rows, all, at + step)
        await note.save()
        done += rows
        onRows(done)
      }
  }
}

type Question = Pick<RangeQuery, 'measurements' | 'tags'>

/** Host by host, and what was pushed measurement by measurement, so that no read is large. */
const questionsOf = async (
  source: SeriesStore,
  { dataset }: HistoryPart,
): Promise<readonly Question[]> => {
  const measurements = await source.measurements(dataset)
  if (dataset !== 'metrics') return measurements.map((one) => ({ measurements: [one], tags: {} }))
  return (await source.hosts()).map(({ host }) => ({ measurements, tags: { host } }))
}

/**
 * Makes the windows again that neither store has right: of hours in which both have raw rows, and of those that the
 * source had not rolled up yet.
 */
export const rollSeams = async ({
  source,
  target,
  note,
  check,
}: Pick<Copying, 'source' | 'target' | 'note' | 'check'>): Promise<number> => {
  const from = target.keepsFrom({ dataset: 'metrics', tier: 'raw' }) ?? -Infinity
  const hours = new Set([...note.again(), ...(await hoursNotRolledUp(source))])
  let windows = 0
  for (const range of rangesOf([...hours].filter((hour) => hour >= from))) {
    check()
    windows += await target.rollUp(range)
  }
  note.rolled()
  await note.save()
  return windows
}

const hoursNotRolledUp = async (source: SeriesStore): Promise<ReadonlySet<number>> => {
  const hours = new Set<number>()
  const add = (from: number, to: number) => {
    for (let hour: number = windowStart(from, HOUR); hour < to; hour += HOUR) hours.add(hour)
  }
  for (const { host } of await source.hosts()) {
    const { raw, ...tiers } = await source.coverage('metrics', host)
    if (raw.oldest === null || raw.newest === null) continue
    for (const tier of ROLLUP_TIERS) {
      const { rolledUpTo, dirty } = tiers[tier]
      add(Math.max(raw.oldest, rolledUpTo ?? -Infinity), raw.newest + 1)
      for (const { from, to } of dirty) add(from, to)
    }
  }
  return hours
}

/** Hours as stretches that are not too long. */
export const rangesOf = (hours: readonly number[]): readonly TimeRange[] => {
  const ranges: { from: Instant; to: Instant }[] = []
  for (const hour of hours.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1)
    const to = instant(hour + HOUR)
    if (last?.to === hour && to - last.from <= MOST_ROLLED_MS) last.to = to
    else ranges.push({ from: instant(hour), to })
  }
  return ranges
}
