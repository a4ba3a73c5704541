import type { InfluxDB } from '@influxdata/influxdb-client'
import { HOST_MEASUREMENTS } from '../../catalog/catalog.ts'
import { ROLLUP_TIERS, TIER_MS, type RollupTier } from '../../catalog/tiers.ts'
import { HOUR, instant, windowStart } from '../../points/instant.ts'
import { toLine } from '../../points/line-protocol.ts'
import { seriesKey, type Point } from '../../points/point.ts'
import { BESIDE, type RangeQuery, type SeriesColumns } from '../range-query.ts'
import { bucketName } from './buckets.ts'
import { createDelivery } from './deliver.ts'
import { unavailable } from './failures.ts'
import type { Server } from './client.ts'

type Parts = {
  /** Reads with the roller token, not cut by the settings. */
  readonly read: (query: RangeQuery) => Promise<readonly SeriesColumns[]>
  readonly client: () => InfluxDB
  readonly server: Server
}

/** All hosts at once, so not for long. */
const CHUNK_MS = { '1m': HOUR, '5m': HOUR, '1h': 6 * HOUR } as const

/**
 * Makes windows whose raw rows are gone out of the next finer tier, weighted by its counts. A window is written only
 * where it holds no fewer values than the one that is there. There is nothing finer than a minute but raw rows:
 * minutes are left alone.
 */
export const createRebuild =
  ({ read, client, server }: Parts) =>
  async (tier: RollupTier, from: number, to: number): Promise<number> => {
    const finer = ROLLUP_TIERS[ROLLUP_TIERS.indexOf(tier) - 1]
    if (finer === undefined) return 0
    const deliver = createDelivery({
      client,
      url: server.url,
      org: server.org,
      bucket: bucketName(server.prefix, { dataset: 'metrics', tier }),
    })
    const endOf = (at: number) => Math.min(to, windowStart(at, CHUNK_MS[tier]) + CHUNK_MS[tier])
    let written = 0
    for (let at = from; at < to; at = endOf(at)) {
      const question = {
        dataset: 'metrics',
        measurements: HOST_MEASUREMENTS,
        tags: {},
        range: { from: instant(at), to: instant(endOf(at)) },
        beside: BESIDE,
      } as const
      const made = await read({ ...question, tier: finer, windowMs: TIER_MS[tier] })
      const points = noPoorer(made, await read({ ...question, tier }))
      if (points.length === 0) continue
      const lines = points.flatMap((point) => toLine(point) ?? [])
      const verdict = await deliver(Buffer.from(lines.join('\n')))
      if (verdict.kind !== 'stored')
        throw unavailable(
          `InfluxDB did not take windows of the tier ${tier}: ${'why' in verdict ? verdict.why : verdict.kind}.`,
        )
      written += points.length
    }
    return written
  }

/** The windows that hold at least as many values of each field as what is there, as points of a tier. */
export const noPoorer = (
  made: readonly SeriesColumns[],
  there: readonly SeriesColumns[],
): readonly Point[] => {
  const existing = new Map(there.map((one) => [seriesKey(one.measurement, one.tags), one]))
  return made.flatMap((one) => {
    const old = existing.get(seriesKey(one.measurement, one.tags))
    const places = new Map(Array.from(old?.at ?? [], (at, place) => [at, place] as const))
    return Array.from(one.at, (at, place): Point | undefined => {
      const oldPlace = places.get(at)
      if (old !== undefined && oldPlace !== undefined && isPoorer(one, place, old, oldPlace))
        return undefined
      return {
        measurement: one.measurement,
        tags: one.tags,
        at: instant(at),
        fields: fieldsAt(one, place),
      }
    }).filter((point) => point !== undefined)
  })
}

/** Fewer values of any field; without counts to tell by, what is there stays. */
const isPoorer = (
  made: SeriesColumns,
  place: number,
  old: SeriesColumns,
  oldPlace: number,
): boolean => {
  let told = false
  for (const [name, column] of Object.entries(old.fields)) {
    const before = column.n?.[oldPlace] ?? Number.NaN
    if (Number.isNaN(before)) continue
    told = true
    if (!((made.fields[name]?.n?.[place] ?? 0) >= before)) return true
  }
  return !told
}

const fieldsAt = ({ fields }: SeriesColumns, place: number): Record<string, number> => {
  const row: Record<string, number> = {}
  for (const [name, column] of Object.entries(fields)) {
    row[name] = column.value[place] ?? Number.NaN
    for (const part of BESIDE) {
      const beside = column[part]?.[place]
      if (beside !== undefined) row[`${name}_${part}`] = beside
    }
  }
  return row
}
