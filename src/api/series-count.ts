import type { Sample } from '../points/sample.ts'
import type { Sampler } from '../sampler/sampler.ts'

/** How many series a measurement of this host has, by its newest sample; undefined where there is none. */
export const seriesCounter = (
  sampler: Pick<Sampler, 'latest'>,
  self: string,
): ((measurement: string, host: string) => number | undefined) => {
  let counted: { readonly sample: Sample; readonly counts: ReadonlyMap<string, number> } | undefined
  return (measurement, host) => {
    const sample = host === self ? sampler.latest() : null
    if (sample === null) return undefined
    if (counted?.sample !== sample) counted = { sample, counts: countRows(sample) }
    // a question is refused for too many values, never for too few
    return counted.counts.get(measurement) ?? 1
  }
}

const countRows = ({ readings }: Sample): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const reading of Object.values(readings))
    if (reading.kind === 'ok')
      for (const { measurement } of reading.rows)
        counts.set(measurement, (counts.get(measurement) ?? 0) + 1)
  return counts
}
