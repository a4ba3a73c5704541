import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ROLLUP_TIERS, TIER_MS, type RollupTier } from '../../catalog/tiers.ts'
import { HOUR, instant, MINUTE, SECOND, windowStart } from '../../points/instant.ts'
import { lateHours, LATE_MS } from '../../spool/sender.ts'
import type { Queries } from './queries.ts'
import { LOOK_BACK_MS } from './rollup-script.ts'
import { createRollups } from './rollups.ts'
import type { StateBook } from './state.ts'
import { createTaskWatch } from './task-watch.ts'

/** What may happen, in any order; time goes by in all of it. */
type Event =
  /** A point that was taken so long ago is written now. */
  | { readonly kind: 'point'; readonly ageMs: number }
  | { readonly kind: 'pass'; readonly ms: number }
  /** InfluxDB is down for so long: no task runs, nothing is read or written. */
  | { readonly kind: 'down'; readonly ms: number }
  /** A task fails for so long. */
  | { readonly kind: 'failing'; readonly tier: RollupTier; readonly ms: number }
  /** PerfWatch does what is due; a point of this age may come while InfluxDB computes. */
  | { readonly kind: 'maintain'; readonly meanwhileMs: number | null }
  | { readonly kind: 'restart' }

const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('point' as const),
      ageMs: fc.oneof(
        fc.integer({ min: 0, max: 20 * SECOND }),
        fc.integer({ min: 0, max: 6 * MINUTE }),
        fc.integer({ min: 0, max: 5 * HOUR }),
      ),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.oneof(
        { weight: 6, arbitrary: fc.integer({ min: SECOND, max: 2 * MINUTE }) },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: HOUR }) },
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('down' as const),
      ms: fc.oneof(
        fc.integer({ min: SECOND, max: 20 * MINUTE }),
        fc.integer({ min: 0, max: 6 * HOUR }),
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('failing' as const),
      tier: fc.constantFrom(...ROLLUP_TIERS),
      ms: fc.integer({ min: MINUTE, max: 6 * HOUR }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('maintain' as const),
      meanwhileMs: fc.option(fc.integer({ min: 0, max: 5 * MINUTE })),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
)

const SAMPLE_MS = 20 * SECOND

const OFFSET_MS: Readonly<Record<RollupTier, number>> = {
  '1m': 20 * SECOND,
  '5m': 25 * SECOND,
  '1h': 30 * SECOND,
}

/** InfluxDB as far as it matters here: how many raw rows a window has, and had when it was rolled up. */
const fakeInflux = (now: () => number, meanwhile: () => void) => {
  let oldest = Infinity
  let newestRaw = -Infinity
  const countsOf = () => new Map(ROLLUP_TIERS.map((tier) => [tier, new Map<number, number>()]))
  const raw = countsOf()
  const tiers = countsOf()
  const roll = (tier: RollupTier, from: number, to: number): number => {
    const windows = tiers.get(tier) ?? new Map<number, number>()
    let written = 0
    for (let at = windowStart(from, TIER_MS[tier]); at < to; at = instant(at + TIER_MS[tier])) {
      const rows = raw.get(tier)?.get(at)
      if (rows === undefined) continue
      windows.set(at, rows)
      written += 1
    }
    return written
  }
  const newest = () => {
    const found = new Map<string, number>()
    for (const [tier, windows] of tiers) {
      const after = now() - LOOK_BACK_MS[tier] - 2 * HOUR
      const last = Math.max(...[...windows.keys()].filter((at) => at >= after))
      if (last > 0) found.set(tier, last)
    }
    return found
  }
  const queries: Queries = {
    ask: async (script) => {
      await Promise.resolve()
      const to = /wideTo\(bucket: "perfwatch_(\w+)"\)/.exec(script)?.[1]
      const [from, until] = [...script.matchAll(/time\(v: "([^"]+)"\)/g)].map(([, iso = '']) =>
        Date.parse(iso),
      )
      const tier = ROLLUP_TIERS.find((one) => one === to)
      const answer =
        tier === undefined ? newest() : roll(tier, from ?? Number.NaN, until ?? Number.NaN)
      meanwhile()
      return answer as never
    },
  }
  return {
    queries,
    ends: () => (oldest === Infinity ? undefined : { first: oldest, last: newestRaw }),
    write: (at: number) => {
      oldest = Math.min(oldest, at)
      newestRaw = Math.max(newestRaw, at)
      for (const [tier, windows] of raw) {
        const start = windowStart(at, TIER_MS[tier])
        windows.set(start, (windows.get(start) ?? 0) + 1)
      }
    },
    /** The runs of a task that are due in this stretch of time. */
    runTasks: (from: number, to: number, isFailing: (tier: RollupTier, at: number) => boolean) => {
      for (const tier of ROLLUP_TIERS)
        for (
          let run = windowStart(from - OFFSET_MS[tier], TIER_MS[tier]);
          run + OFFSET_MS[tier] <= to;
          run = instant(run + TIER_MS[tier])
        )
          if (run + OFFSET_MS[tier] > from && !isFailing(tier, run))
            roll(tier, run - LOOK_BACK_MS[tier], run)
    },
    /** Windows that are not as their raw rows are now. */
    stale: (tier: RollupTier, before: number): readonly number[] =>
      [...(raw.get(tier) ?? [])].flatMap(([at, rows]) =>
        at + TIER_MS[tier] <= before && tiers.get(tier)?.get(at) !== rows ? [at] : [],
      ),
  }
}

const run = async (events: readonly Event[]) => {
  let now = Date.parse('2026-01-01T00:00:30Z')
  const clock = { now: () => instant(now), monotonic: () => now }
  let meanwhileMs: number | null = null
  const influx = fakeInflux(
    () => now,
    () => {
      if (meanwhileMs !== null) deliver(now - meanwhileMs)
    },
  )
  const marks = new Map<RollupTier, number>()
  const state = {
    mark: (tier: RollupTier) => marks.get(tier) ?? null,
    setMark: (tier: RollupTier, at: number | undefined) =>
      at === undefined ? marks.delete(tier) : marks.set(tier, at),
    save: async () => {},
  } as unknown as StateBook
  const dirty = new Map<number, number>()
  let versions = 0
  const dirt = {
    dirtyHours: () => new Map([...dirty].toSorted(([a], [b]) => a - b)),
    clean: (hour: number, told: number) => {
      if (dirty.get(hour) === told) dirty.delete(hour)
    },
  }
  const start = () => ({
    rollups: createRollups({
      queries: influx.queries,
      prefix: 'perfwatch',
      clock,
      state,
      dirt,
      rawHorizon: () => -Infinity,
      ends: async () => influx.ends(),
      rebuild: async () => 0,
      onRolled: () => {},
    }),
    watch: createTaskWatch({
      queries: influx.queries,
      prefix: 'perfwatch',
      clock,
      state,
      newestRaw: async () => influx.ends()?.last,
    }),
  })
  let app = start()

  const failingUntil = new Map<RollupTier, number>()
  /** A sample every so often goes on, and tasks run at their times. */
  const pass = (ms: number) => {
    for (const end = now + ms; now < end;) {
      const from = now
      now = Math.min(end, windowStart(now, SAMPLE_MS) + SAMPLE_MS)
      influx.runTasks(from, now, (tier, at) => at < (failingUntil.get(tier) ?? 0))
      if (now % SAMPLE_MS === 0) deliver(now)
    }
  }
  /** Samples are taken, and come with the spool when it is over. */
  const beDown = (ms: number) => {
    const from = now
    now += ms
    for (let at = windowStart(from, SAMPLE_MS) + SAMPLE_MS; at <= now; at += SAMPLE_MS) deliver(at)
  }
  const deliver = (at: number) => {
    influx.write(at)
    const point = { oldest: instant(at), newest: instant(at) }
    const before = Math.max(now - LATE_MS, app.rollups.claimedTo())
    const entry = { ...point, acceptedAt: instant(now), lines: 1, text: Buffer.alloc(0) }
    for (const hour of lateHours([entry], before)) dirty.set(hour, ++versions)
  }
  const expectTrust = () => {
    for (const tier of ROLLUP_TIERS) {
      const mark = marks.get(tier)
      if (mark === undefined) continue
      const untold = influx
        .stale(tier, mark)
        .filter((at) => ![...dirty.keys()].some((hour) => at >= hour && at < hour + HOUR))
      expect(untold, `${tier} at ${new Date(now).toISOString()}`).toEqual([])
    }
  }
  const maintain = async () => {
    for (const tier of await app.watch.look()) await app.rollups.rollTier(tier)
    if (dirty.size > 0) await app.rollups.rollDirty()
  }

  for (const one of events) {
    switch (one.kind) {
      case 'point':
        deliver(now - one.ageMs)
        break
      case 'pass':
        pass(one.ms)
        break
      case 'down':
        beDown(one.ms)
        break
      case 'failing':
        failingUntil.set(one.tier, now + one.ms)
        break
      case 'maintain':
        ;({ meanwhileMs } = one)
        await maintain()
        meanwhileMs = null
        break
      case 'restart':
        app = start()
        break
    }
    expectTrust()
  }
  // in the end everything is rolled up, whatever happened
  failingUntil.clear()
  pass(5 * MINUTE)
  await maintain()
  for (let minute = 0; minute < 130; minute++) {
    pass(MINUTE)
    await maintain()
    expectTrust()
  }
  for (const tier of ROLLUP_TIERS) {
    const closed = windowStart(now - 10 * MINUTE, TIER_MS[tier])
    expect(influx.stale(tier, closed), tier).toEqual([])
  }
}

describe('how far the tiers are said to be rolled up', () => {
  it('is true of every window that is not said to be dirty, whatever happens, and all are filled in the end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 20, maxLength: 100 }), async (events) =>
        run(events),
      ),
      { numRuns: 250 },
    )
  }, 60_000)
})
