import { findField } from '../../src/catalog/catalog.ts'
import { TIER_MS, type RollupTier } from '../../src/catalog/tiers.ts'
import { SECOND, instant, windowStart, type Instant } from '../../src/points/instant.ts'
import { createLineWriter } from '../../src/points/line-protocol.ts'
import type { Point } from '../../src/points/point.ts'
import { bucketName } from '../../src/store/influx/buckets.ts'
import { PREFIX, type InfluxLab } from './influx-lab.ts'
import { syntheticHost, valuesOf, type HostShape } from './synthetic-host.ts'

/** How far back each tier reaches, milliseconds. */
export type Depth = { readonly raw: number } & Readonly<Record<RollupTier, number>>

const LINES_A_REQUEST = 5_000
const SAMPLE_MS = 5 * SECOND
/** Values of a window that is made up: its mean has all its digits, as a real one has. */
const VALUES_A_WINDOW = 3

/** Writes the tiers of a made-up host directly, up to `now`; resolves with the values written. */
export const seedHost = async (
  lab: Pick<InfluxLab, 'write'>,
  { host, shape, now, depth }: { host: string; shape: HostShape; now: Instant; depth: Depth },
): Promise<number> => {
  const sample = syntheticHost(shape, host)
  let values = 0
  for (const tier of ['raw', '1m', '5m', '1h'] as const) {
    const step = tier === 'raw' ? SAMPLE_MS : TIER_MS[tier]
    const bucket = bucketName(PREFIX, { dataset: 'metrics', tier })
    const toLine = createLineWriter()
    let lines: string[] = []
    let sending: Promise<void> = Promise.resolve()
    const send = async () => {
      await sending
      sending = lab.write(bucket, lines.join('\n'))
      lines = []
    }
    const end = tier === 'raw' ? now : windowStart(now, step)
    for (let at = windowStart(now - depth[tier], step); at < end; at = instant(at + step)) {
      const points =
        tier === 'raw'
          ? sample(at)
          : windowOf(Array.from({ length: VALUES_A_WINDOW }, () => sample(at)))
      values += valuesOf(points)
      for (const point of points) lines.push(toLine(point) ?? '')
      if (lines.length >= LINES_A_REQUEST) await send()
    }
    await send()
    await sending
  }
  return values
}

/** Samples folded as a tier has them. */
const windowOf = (samples: readonly (readonly Point[])[]): readonly Point[] => {
  const [first = []] = samples
  return first.map((point, place) => ({
    ...point,
    fields: Object.fromEntries(
      Object.entries(point.fields).flatMap(([name, value]) => {
        if (findField(point.measurement, name)?.fold !== 'mean') return [[name, value]]
        const all = samples.map((one) => one[place]?.fields[name] ?? value)
        return [
          [name, all.reduce((sum, one) => sum + one, 0) / all.length],
          [`${name}_min`, Math.min(...all)],
          [`${name}_max`, Math.max(...all)],
          [`${name}_n`, 12],
        ]
      }),
    ),
  }))
}
