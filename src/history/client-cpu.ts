import { clientCpu } from '../catalog/records.ts'
import { instant, type Instant } from '../points/instant.ts'
import type { RecordStore } from '../store/records.ts'

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
  records: Pick<RecordStore, 'values'>,
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
  const selection = {
    dataset,
    measurement,
    tags: { user, session },
    range: { from: sampleInstant(from), to: instant(sampleInstant(to) + 1) },
  }
  const [time, cpu] = await Promise.all([
    all(records.values(selection, 'time')),
    all(records.values(selection, 'cpu')),
  ])
  const places = Array.from(time, (_, place) => place)
    .filter((place) => (time[place] ?? 0) >= from && (time[place] ?? 0) <= to)
    // of one millisecond the finer times may have come in another order
    .toSorted((a, b) => (time[a] ?? 0) - (time[b] ?? 0))
  return {
    time: Float64Array.from(places, (place) => time[place] ?? 0),
    cpu: Float64Array.from(places, (place) => cpu[place] ?? 0),
  }
}

const all = async (
  blocks: AsyncIterable<{ readonly value: Float64Array }>,
): Promise<Float64Array> => {
  const parts: Float64Array[] = []
  for await (const { value } of blocks) parts.push(value)
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
