import { clientCpu } from '../catalog/records.ts'
import { instant, type Instant } from '../points/instant.ts'
import type { RecordStore, ValueBlock } from '../store/records.ts'

/** Samples of one session by their own time; the two arrays are equally long. */
export type ClientSamples = {
  /** Unix seconds, exactly as they were sent. */
  readonly time: Float64Array
  /** Percent. */
  readonly cpu: Float64Array
}

/** Years 1684 to 2255, which every store can hold and ask for; a time beyond stands at the end. */
const LATEST = 9_000_000_000_000

/** The instant at which a sample of this time stands. */
export const sampleInstant = (seconds: number): Instant =>
  // rounded to the microsecond first: 1649596019.895 s is not exact in binary
  instant(Math.min(LATEST, Math.max(-LATEST, Math.floor(Math.round(seconds * 1e6) / 1e3))))

/** The samples of a session from one time to another, both in. */
export const clientSamples = async (
  records: Pick<RecordStore, 'values' | 'series'>,
  question: {
    readonly user: string
    readonly session: string
    /** Unix seconds. */
    readonly from?: number | undefined
    readonly to?: number | undefined
  },
): Promise<ClientSamples> => {
  const { user, session, from = -Infinity, to = Infinity } = question
  const { dataset, measurement } = clientCpu
  const tags = { user, session }
  const [own] = await records.series(dataset, measurement, tags)
  if (own === undefined) return { time: new Float64Array(), cpu: new Float64Array() }
  // only where the session has samples: centuries may lie between those of others
  const first = instant(Math.max(sampleInstant(from), own.first))
  const last = instant(Math.min(sampleInstant(to), own.last))
  if (first > last) return { time: new Float64Array(), cpu: new Float64Array() }
  const range = { from: first, to: instant(last + 1) }
  const selection = { dataset, measurement, tags, range }
  const [times, loads] = await Promise.all([
    all(records.values(selection, 'time')),
    all(records.values(selection, 'cpu')),
  ])
  const samples = pairs(times, loads).filter(({ time }) => time >= from && time <= to)
  // of one millisecond the finer times may have come in another order
  samples.sort((a, b) => a.time - b.time)
  return {
    time: Float64Array.from(samples, ({ time }) => time),
    cpu: Float64Array.from(samples, ({ cpu }) => cpu),
  }
}

/**
 * What stands at the same instant belongs together. A sample that came in between the two readings is in one of them
 * only, and left out: it must not shift those behind it.
 */
const pairs = (
  times: ValueBlock,
  loads: ValueBlock,
): { readonly time: number; readonly cpu: number }[] => {
  const paired = []
  let [t, c] = [0, 0]
  while (t < times.at.length && c < loads.at.length) {
    const ahead = (times.at[t] ?? 0) - (loads.at[c] ?? 0)
    if (ahead === 0) paired.push({ time: times.value[t] ?? 0, cpu: loads.value[c] ?? 0 })
    if (ahead <= 0) t += 1
    if (ahead >= 0) c += 1
  }
  return paired
}

const all = async (blocks: AsyncIterable<ValueBlock>): Promise<ValueBlock> => {
  const parts: ValueBlock[] = []
  for await (const block of blocks) parts.push(block)
  return { at: joined(parts.map(({ at }) => at)), value: joined(parts.map(({ value }) => value)) }
}

const joined = (parts: readonly Float64Array[]): Float64Array => {
  const whole = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0))
  let place = 0
  for (const part of parts) {
    whole.set(part, place)
    place += part.length
  }
  return whole
}

export type SessionSamples = { readonly last: Instant; readonly count: number }

/** How many samples each session has, by its id; all users or one. */
export const sessionSamples = async (
  records: Pick<RecordStore, 'series'>,
  user: string | undefined,
): Promise<ReadonlyMap<string, SessionSamples>> => {
  const { dataset, measurement } = clientCpu
  const series = await records.series(dataset, measurement, user === undefined ? {} : { user })
  return new Map(
    series.map(({ tags, last, count }) => [tags['session'] ?? '', { last, count }] as const),
  )
}
