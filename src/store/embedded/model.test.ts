import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ROLLUP_TIERS, TIER_MS } from '../../catalog/tiers.ts'
import { HOUR, instant, MINUTE } from '../../points/instant.ts'
import { seriesKey, type Point } from '../../points/point.ts'
import type { Rows } from '../../testing/fold-rows.ts'
import { expectedWindows, expectWindows } from '../contract/load.ts'
import { point, question } from '../contract/questions.ts'
import type { SeriesColumns } from '../range-query.ts'
import { openInTemporary, type TemporaryStore } from './testing/open-in-temporary.ts'

/*
 * Whatever comes in whatever order, and however seals, rollups, reads and writes interleave: the raw rows are
 * those that were written, and the tiers are those folded. The model is a list of the points in their order.
 */

const MEASUREMENTS = ['cpu', 'network_interface']
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  cpu: ['user', 'core_count'],
  network_interface: ['errors_in', 'bytes_sent_per_sec'],
}
const SPAN = 3 * HOUR

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('write' as const), batch: batches() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.integer({ min: 0, max: HOUR }),
    }),
  },
  fc.record({ do: fc.constantFrom('maintain' as const, 'rollUp' as const, 'seal' as const) }),
  fc.record({ do: fc.constant('rollRange' as const), from: fc.integer({ min: 0, max: SPAN }) }),
  fc.record({ do: fc.constant('read' as const) }),
  fc.record({ do: fc.constant('reopen' as const) }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

function batches(): fc.Arbitrary<readonly Point[]> {
  const onePoint = fc
    .record({
      host: fc.constantFrom('alpha', 'beta'),
      measurement: fc.constantFrom(...MEASUREMENTS),
      interface: fc.constantFrom('eth0', 'lo'),
      // Some instants again and again, so that fields meet.
      at: fc.oneof(
        fc.integer({ min: 0, max: SPAN / 5_000 }).map((tick) => tick * 5_000),
        fc.constantFrom(0, MINUTE - 1, MINUTE, HOUR - 1, HOUR, HOUR + 5 * MINUTE),
      ),
      values: fc.array(fc.option(fc.integer({ min: -50, max: 5_000 })), {
        minLength: 2,
        maxLength: 2,
      }),
    })
    .map(({ host, measurement, interface: name, at, values }) => {
      const fields: Record<string, number> = {}
      FIELDS[measurement]?.forEach((field, i) => {
        const value = values[i]
        if (value !== null && value !== undefined) fields[field] = value / 4
      })
      const tags = measurement === 'cpu' ? { host } : { host, interface: name }
      return point(at, fields, { measurement, tags })
    })
  return fc.array(onePoint, { maxLength: 30 })
}

const shifted = (points: readonly Point[], by: number): readonly Point[] =>
  points.map((one) => ({ ...one, at: instant(one.at + by) }))

/** Rows of the model at raw, as `expectWindows` compares them. */
const expectedRaw = (points: readonly Point[]): Map<string, Rows> => {
  const series = new Map<string, Map<number, Record<string, { value: number }>>>()
  for (const { measurement, tags, at, fields } of points) {
    const key = seriesKey(measurement, tags)
    const rows = series.get(key) ?? new Map<number, Record<string, { value: number }>>()
    series.set(key, rows)
    const row = { ...rows.get(at) }
    for (const [field, value] of Object.entries(fields)) row[field] = { value }
    rows.set(at, row)
  }
  return series
}

const askAll = question({ measurements: MEASUREMENTS, tags: {} })

/** Every row that was acknowledged before the read must be in its answer. */
const expectHolds = (answer: readonly SeriesColumns[], points: readonly Point[]) => {
  const found = new Map(
    answer.map((one) => [seriesKey(one.measurement, one.tags), new Set(one.at)]),
  )
  for (const [key, rows] of expectedRaw(points))
    for (const at of rows.keys())
      expect([key, at, found.get(key)?.has(at)]).toEqual([key, at, true])
  for (const { at } of answer) expect([...at]).toEqual([...new Set(at)].toSorted((a, b) => a - b))
}

const run = async (h: TemporaryStore, steps: readonly Step[]) => {
  let now = h.start as number
  const written: Point[] = []
  let working: Promise<unknown>[] = []
  for (const one of steps) {
    switch (one.do) {
      case 'write': {
        const batch = shifted(one.batch, h.start)
        await h.store.write('metrics', batch)
        // A point without any value is nothing.
        written.push(...batch.filter(({ fields }) => Object.keys(fields).length > 0))
        break
      }
      case 'pass':
        h.pass(one.ms)
        now += one.ms
        break
      case 'maintain':
      case 'rollUp':
      case 'seal':
        // Not awaited: what follows happens in the middle of it.
        working.push(h.store[one.do]())
        break
      case 'rollRange': {
        const from = instant(h.start + one.from)
        working.push(h.store.rollUp({ from, to: instant(from + HOUR) }))
        break
      }
      case 'read': {
        const known = [...written]
        working.push(h.store.read(askAll).then((answer) => expectHolds(answer, known)))
        break
      }
      case 'reopen':
        await Promise.all(working)
        working = []
        await h.reopen()
        break
    }
  }
  await Promise.all(working)
  expectWindows(await h.store.read(askAll), expectedRaw(written))
  await h.store.rollUp()
  for (const tier of ROLLUP_TIERS) {
    const expected = expectedWindows(written, tier)
    for (const [key, rows] of expected) {
      const closed = [...rows].filter(([start]) => start + TIER_MS[tier] <= now)
      if (closed.length > 0) expected.set(key, new Map(closed))
      else expected.delete(key)
    }
    const answer = await h.store.read({ ...askAll, tier, beside: ['min', 'max', 'n'] })
    expectWindows(answer, expected)
  }
  expect(h.store.figures().dirtyWindows).toBe(0)
}

describe('the embedded store against its model', () => {
  it.each([
    ['in long stretches', 4],
    ['giving way at every chance', 0],
  ])('holds what was written, whatever happens at the same time, %s', async (_, stretchMs) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const h = openInTemporary({ pace: { stretchMs } })
        try {
          await run(h, steps)
        } finally {
          await h.close()
        }
      }),
      { numRuns: 40 },
    )
  })
})
