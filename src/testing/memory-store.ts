import { DATASETS, DATASET_TIERS, type Dataset } from '../catalog/datasets.ts'
import { ROLLUP_TIERS, TIER_MS, type RollupTier, type Tier } from '../catalog/tiers.ts'
import type { Clock } from '../points/clock.ts'
import { DAY, instant, windowStart, type Instant, type TimeRange } from '../points/instant.ts'
import { canonicalTags, seriesKey, type Point, type Tags } from '../points/point.ts'
import type { Beside, Column, RangeQuery, SeriesColumns } from '../store/range-query.ts'
import { isRecordDataset } from '../catalog/records.ts'
import type { RecordStore } from '../store/records.ts'
import type { Coverage, RetentionPolicy, SeriesStore } from '../store/store.ts'
import { foldRows, rawCell, type Cell, type Row } from './fold-rows.ts'
import { createMemoryRecords } from './memory-records.ts'

type Stored = {
  readonly dataset: Dataset
  readonly measurement: string
  readonly tags: Tags
  readonly tiers: Readonly<Record<Tier, Map<number, Row>>>
}

/** What a test may do beyond the port. */
export type MemoryStore = SeriesStore & {
  readonly records: RecordStore
  /** Every query that was read, oldest first. */
  readonly queries: readonly RangeQuery[]
  /** What `coverage` answers for a host from now on; undefined: what is really there. */
  setCoverage(host: string, coverage: Coverage | undefined): void
  /** Every method rejects with this from now on; undefined: works again. */
  failWith(error: Error | undefined): void
  /** What `health` lists. */
  setProblems(problems: readonly string[]): void
}

/** A store in memory for tests: right by brute force, not fast. Rolls up only when `rollUp` is called. */
export const createMemoryStore = ({ clock }: { clock: Pick<Clock, 'now'> }): MemoryStore => {
  const series = new Map<string, Stored>()
  const queries: RangeQuery[] = []
  const given = new Map<string, Coverage>()
  const horizons = new Map<string, Instant>()
  const rolledUpTo = new Map<RollupTier, number>()
  const dirty = new Map<string, Set<number>>()
  let failure: Error | undefined
  let problems: readonly string[] = []
  let written = 0
  let rolled = 0
  let lastRetention: Instant | null = null

  const check = () => {
    if (failure !== undefined) throw failure
  }
  const { records, extent: extentOfRecords, retain } = createMemoryRecords(check)
  const horizonOf = (dataset: Dataset, tier: Tier) => horizons.get(`${dataset} ${tier}`) ?? null
  const ofDataset = (dataset: Dataset) =>
    [...series.values()].filter((one) => one.dataset === dataset)
  const instantsOf = (dataset: Dataset, tier: Tier, host?: string): number[] =>
    ofDataset(dataset)
      .filter((one) => host === undefined || one.tags['host'] === host)
      .flatMap((one) => [...one.tiers[tier].keys()])
      .filter((at) => at >= (horizonOf(dataset, tier) ?? -Infinity))

  const put = (dataset: Dataset, point: Point) => {
    const key = `${dataset} ${seriesKey(point.measurement, point.tags)}`
    const stored = series.get(key) ?? {
      dataset,
      measurement: point.measurement,
      tags: point.tags,
      tiers: { raw: new Map(), '1m': new Map(), '5m': new Map(), '1h': new Map() },
    }
    series.set(key, stored)
    const cells = Object.entries(point.fields).map(
      ([field, value]) => [field, rawCell(point.measurement, field, value)] as const,
    )
    stored.tiers.raw.set(point.at, {
      ...stored.tiers.raw.get(point.at),
      ...Object.fromEntries(cells),
    })
    if (dataset !== 'metrics') return
    for (const tier of ROLLUP_TIERS) {
      if (point.at >= (rolledUpTo.get(tier) ?? -Infinity)) continue
      const windows = dirty.get(`${tier} ${point.tags['host']}`) ?? new Set()
      dirty.set(`${tier} ${point.tags['host']}`, windows.add(windowStart(point.at, TIER_MS[tier])))
    }
  }

  const tierCoverage = (dataset: Dataset, tier: Tier, host: string) => {
    const all = instantsOf(dataset, tier, host)
    return { oldest: least(all), newest: greatest(all), horizon: horizonOf(dataset, tier) }
  }
  const rollupCoverage = (dataset: Dataset, tier: RollupTier, host: string) => {
    const mark = rolledUpTo.get(tier)
    const windows = [...(dirty.get(`${tier} ${host}`) ?? [])].toSorted((a, b) => a - b)
    return {
      ...tierCoverage(dataset, tier, host),
      rolledUpTo: dataset !== 'metrics' || mark === undefined ? null : instant(mark),
      dirty: windows.map((from) => ({ from: instant(from), to: instant(from + TIER_MS[tier]) })),
    }
  }

  const rollUpTier = (tier: RollupTier, range: TimeRange | undefined) => {
    const closed = windowStart(clock.now(), TIER_MS[tier])
    const from = Math.max(horizonOf('metrics', 'raw') ?? -Infinity, range?.from ?? -Infinity)
    const to = Math.min(closed, range?.to ?? Infinity)
    for (const one of ofDataset('metrics'))
      for (const [start, row] of foldRows(one.measurement, one.tiers.raw, TIER_MS[tier])) {
        if (start < from || start + TIER_MS[tier] > to) continue
        one.tiers[tier].set(start, row)
        rolled += 1
      }
    if (range !== undefined) return
    rolledUpTo.set(tier, closed)
    for (const key of dirty.keys()) if (key.startsWith(`${tier} `)) dirty.delete(key)
  }

  const deletionsOf = (policy: RetentionPolicy) =>
    policy.flatMap(({ dataset, tier, days }) => {
      if (days === null || isRecordDataset(dataset)) return []
      const horizon = instant(clock.now() - days * DAY)
      const gone = instantsOf(dataset, tier).filter((at) => at < horizon).length
      return [{ dataset, tier, horizon, points: gone, bytes: gone * BYTES_A_POINT }]
    })

  return {
    queries,
    setCoverage: (host, coverage) => {
      if (coverage === undefined) given.delete(host)
      else given.set(host, coverage)
    },
    failWith: (error) => {
      failure = error
    },
    setProblems: (sentences) => {
      problems = sentences
    },
    records,
    write: async (dataset, points) => {
      check()
      for (const point of points) put(dataset, point)
      written += points.length
    },
    read: async (query) => {
      check()
      queries.push(query)
      return ofDataset(query.dataset)
        .filter((one) => query.measurements.includes(one.measurement) && matches(one.tags, query))
        .toSorted(byMeasurementAndTags)
        .flatMap((one) => columnsOf(one, query, horizonOf(query.dataset, query.tier)) ?? [])
    },
    coverage: async (dataset, host) => {
      check()
      const set = dataset === 'metrics' ? given.get(host) : undefined
      if (set !== undefined) return set
      return {
        raw: tierCoverage(dataset, 'raw', host),
        '1m': rollupCoverage(dataset, '1m', host),
        '5m': rollupCoverage(dataset, '5m', host),
        '1h': rollupCoverage(dataset, '1h', host),
      }
    },
    extent: async (dataset, tier) => {
      check()
      if (isRecordDataset(dataset)) return extentOfRecords(dataset)
      const all = instantsOf(dataset, tier)
      const points = all.length
      return { oldest: least(all), newest: greatest(all), points, bytes: points * BYTES_A_POINT }
    },
    hosts: async () => {
      check()
      const names = ofDataset('metrics').flatMap((one) => one.tags['host'] ?? [])
      return [...new Set(names)].toSorted().flatMap((host) => {
        const all = instantsOf('metrics', 'raw', host)
        const firstSeen = least(all)
        const lastSeen = greatest(all)
        return firstSeen === null || lastSeen === null ? [] : [{ host, firstSeen, lastSeen }]
      })
    },
    newest: async (host) => {
      check()
      return greatest(instantsOf('metrics', 'raw', host))
    },
    measurements: async (dataset) => {
      check()
      return [...new Set(ofDataset(dataset).map((one) => one.measurement))].toSorted()
    },
    applyRetention: async (policy, options) => {
      check()
      const deletions = deletionsOf(policy)
      const ofRecords = retain(policy, clock.now(), options?.preview === true)
      if (options?.preview !== true) lastRetention = clock.now()
      if (options?.preview !== true)
        for (const { dataset, tier, horizon } of deletions) {
          horizons.set(`${dataset} ${tier}`, horizon)
          for (const one of ofDataset(dataset))
            for (const at of one.tiers[tier].keys()) if (at < horizon) one.tiers[tier].delete(at)
        }
      return [
        ...ofRecords,
        ...deletions.map(({ dataset, tier, points, bytes }) => ({ dataset, tier, points, bytes })),
      ]
    },
    rollUp: async (range) => {
      check()
      const before = rolled
      for (const tier of ROLLUP_TIERS) rollUpTier(tier, range)
      return rolled - before
    },
    maintain: async () => check(),
    removeHost: async (host) => {
      check()
      for (const [key, one] of series) if (one.tags['host'] === host) series.delete(key)
    },
    backup: async () => check(),
    health: () => ({ kind: 'embedded', problems }),
    figures: () => ({
      pointsWritten: written,
      pointsRefused: 0,
      windowsRolledUp: rolled,
      dirtyWindows: [...dirty.values()].reduce((sum, windows) => sum + windows.size, 0),
      bytes: DATASETS_AND_TIERS.reduce(
        (sum, [dataset, tier]) => sum + instantsOf(dataset, tier).length * BYTES_A_POINT,
        0,
      ),
      lastRetention,
    }),
    close: async () => {},
  }
}

const BYTES_A_POINT = 16

const DATASETS_AND_TIERS = DATASETS.flatMap((dataset) =>
  DATASET_TIERS[dataset].map((tier) => [dataset, tier] as const),
)

const least = (all: readonly number[]): Instant | null =>
  all.length === 0 ? null : instant(all.reduce((a, b) => Math.min(a, b)))
const greatest = (all: readonly number[]): Instant | null =>
  all.length === 0 ? null : instant(all.reduce((a, b) => Math.max(a, b)))

const matches = (tags: Tags, query: RangeQuery): boolean =>
  Object.entries(query.tags).every(([name, value]) => tags[name] === value)

const byMeasurementAndTags = (a: Stored, b: Stored): number =>
  compareText(a.measurement, b.measurement) ||
  compareText(canonicalTags(a.tags), canonicalTags(b.tags))
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The columns of one series, or undefined where it has nothing in the range. */
const columnsOf = (
  one: Stored,
  query: RangeQuery,
  horizon: Instant | null,
): SeriesColumns | undefined => {
  const { from, to } = query.range
  const inRange = new Map<number, Row>()
  for (const [at, row] of one.tiers[query.tier]) {
    if (at < from || at >= to || at < (horizon ?? -Infinity)) continue
    const wanted = Object.entries(row).filter(([field]) => query.fields?.includes(field) ?? true)
    if (wanted.length > 0) inRange.set(at, Object.fromEntries(wanted))
  }
  const rows =
    query.windowMs === undefined ? inRange : foldRows(one.measurement, inRange, query.windowMs)
  if (rows.size === 0) return undefined
  const at = [...rows.keys()].toSorted((a, b) => a - b)
  const names = [...new Set(at.flatMap((time) => Object.keys(rows.get(time) ?? {})))]
  const fields = names.map(
    (name) =>
      [
        name,
        columnOf(
          at.map((time) => rows.get(time)?.[name]),
          query.beside,
        ),
      ] as const,
  )
  return {
    measurement: one.measurement,
    tags: one.tags,
    at: Float64Array.from(at),
    fields: Object.fromEntries(fields),
  }
}

const columnOf = (cells: readonly (Cell | undefined)[], beside: readonly Beside[]): Column => {
  const of = (part: keyof Cell) => Float64Array.from(cells, (cell) => cell?.[part] ?? Number.NaN)
  const hasCompanions = cells.some((cell) => cell?.n !== undefined)
  return {
    value: of('value'),
    ...(hasCompanions ? Object.fromEntries(beside.map((part) => [part, of(part)])) : {}),
  }
}
