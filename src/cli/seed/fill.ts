import { DAY, instant, windowStart, type Instant, type TimeRange } from '../../points/instant.ts'
import type { Point } from '../../points/point.ts'
import { toPoints } from '../../points/to-points.ts'
import type { SeriesStore } from '../../store/store.ts'
import { makeSyntheticHost } from './synthetic-host.ts'

/** The only host that is ever seeded, or removed. */
export const DEMO = 'demo'
const SEED = 20_250_118
/**
 * How dense the samples are, by how many days ago they are at most. 10 s is no gap yet where 5 s is expected (2.5 times
 * that is), and what raw has lost by default after a week needs no more than the tiers do.
 */
const DENSITIES = [
  { days: 2, everyMs: 5_000 },
  { days: 8, everyMs: 10_000 },
  { days: Infinity, everyMs: 60_000 },
] as const
const COARSEST_MS = 60_000
/** Points of one write; one transaction each. */
const BATCH = 2_000

/** The instants to sample, rising, ever denser; all of them before `now`. */
export const instantsOf = function* (now: Instant, days: number): Generator<Instant> {
  const end = windowStart(now, DENSITIES[0].everyMs)
  let at: number = beginOf(now, days)
  for (const { days: upTo, everyMs } of DENSITIES.toReversed()) {
    const next = DENSITIES.findLast((one) => one.days < upTo)
    const until = next === undefined ? end : windowStart(end - next.days * DAY, COARSEST_MS)
    for (; at < until; at += everyMs) yield instant(at)
  }
}

const beginOf = (now: Instant, days: number): Instant => windowStart(now - days * DAY, COARSEST_MS)

/**
 * Fills the store with plausible data of the host `demo` and rolls it up, a day at a time, so that nothing piles up.
 * Resolves with the points written.
 */
export const fillDemo = async (
  store: Pick<SeriesStore, 'write' | 'rollUp'>,
  now: Instant,
  days: number,
  onProgress: (daysDone: number) => void,
): Promise<number> => {
  const host = makeSyntheticHost({ host: DEMO, seed: SEED })
  let written = 0
  let batch: Point[] = []
  let day: TimeRange | undefined
  const begin = beginOf(now, days)
  const flush = async () => {
    if (batch.length === 0) return
    await store.write('metrics', batch)
    written += batch.length
    batch = []
  }
  const endDay = async () => {
    await flush()
    if (day !== undefined) await store.rollUp(day)
  }
  for (const at of instantsOf(now, days)) {
    if (day === undefined || at >= day.to) {
      await endDay()
      day = dayOf(at)
    }
    batch.push(...toPoints(host.sampleAt(at)))
    if (batch.length < BATCH) continue
    await flush()
    onProgress((at - begin) / DAY)
  }
  await endDay()
  onProgress(days)
  return written
}

const dayOf = (at: Instant): TimeRange => {
  const from = windowStart(at, DAY)
  return { from, to: instant(from + DAY) }
}
