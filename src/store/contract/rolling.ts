import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ROLLUP_TIERS, TIER_MS } from '../../catalog/tiers.ts'
import { HOUR, instant, MINUTE } from '../../points/instant.ts'
import type { OpenHarness, StoreHarness, StoreTraits } from './harness.ts'
import { expectWindows, expectedWindows, load, LOADED, readTier } from './load.ts'
import { HOST, plain, point, question, range } from './questions.ts'

export const describeRolling = (open: OpenHarness, traits: StoreTraits) => {
  let h: StoreHarness
  beforeEach(async () => {
    h = await open()
  })
  afterEach(() => h.close())

  const expectAllTiers = async (points: ReturnType<typeof load>) => {
    for (const tier of ROLLUP_TIERS)
      expectWindows(await readTier(h.store, tier), expectedWindows(points, tier))
  }

  describe('rollups', () => {
    it('equal the raw rows folded by hand, for every fold, with holes and partial minutes', async () => {
      const points = load(h.start, 3)
      await h.store.write('metrics', points)
      h.pass(4 * HOUR)
      await h.settle()
      await expectAllTiers(points)
      await h.compact()
      await expectAllTiers(points)
    })

    it('grow while time goes by, sealed or not', async () => {
      const points = load(h.start, 3)
      for (let from = h.start as number; from < h.start + 4 * HOUR; from += 17 * MINUTE) {
        await h.store.write(
          'metrics',
          points.filter(({ at }) => at >= from && at < from + 17 * MINUTE),
        )
        h.pass(17 * MINUTE)
        await h.settle()
        if (Math.floor(from / MINUTE) % 2 === 0) await h.compact()
      }
      await expectAllTiers(points)
    })

    it('hold only windows that have closed, and say how far they go', async () => {
      await h.store.write('metrics', [
        point(h.start, { user: 1 }),
        point(h.start + 4 * MINUTE, { user: 2 }),
        point(h.start + 5 * MINUTE, { user: 3 }),
      ])
      h.pass(5.5 * MINUTE)
      await h.settle()
      const [answer] = plain(await readTier(h.store, '1m'))
      expect(answer?.at).toEqual([h.start, h.start + 4 * MINUTE])
      const coverage = await h.store.coverage('metrics', HOST)
      expect(coverage['1m']).toEqual({
        oldest: h.start,
        newest: h.start + 4 * MINUTE,
        horizon: null,
        rolledUpTo: h.start + 5 * MINUTE,
        dirty: [],
      })
      expect(coverage['5m'].rolledUpTo).toBe(h.start + 5 * MINUTE)
      expect(coverage['1h']).toMatchObject({ oldest: null, newest: null, dirty: [] })
      expect(coverage.raw).toEqual({
        oldest: h.start,
        newest: h.start + 5 * MINUTE,
        horizon: null,
      })
    })

    it.each([
      ['', async () => {}],
      [' and sealed', () => h.compact()],
    ])('heal when a point comes late into windows that were rolled up%s', async (_, sealed) => {
      const points = load(h.start, 2)
      await h.store.write('metrics', points)
      h.pass(3 * HOUR)
      await h.settle()
      await sealed()
      const late = [
        point(h.start + 5 * MINUTE + 1, { user: 1_000, usage_percent: 77 }),
        point(h.start + 5 * MINUTE, { user: -1_000 }),
        point(h.start + 45 * MINUTE, { user: 5 }),
      ]
      await h.store.write('metrics', late)
      const before = await h.store.coverage('metrics', HOST)
      const dirty = (ms: number) => [...new Set(late.map(({ at }) => Math.floor(at / ms) * ms))]
      for (const tier of ROLLUP_TIERS)
        for (const window of dirty(TIER_MS[tier]))
          expect(
            before[tier].dirty.some(
              ({ from, to }) => from <= window && to >= window + TIER_MS[tier],
            ),
          ).toBe(true)
      await h.settle()
      const after = await h.store.coverage('metrics', HOST)
      expect(ROLLUP_TIERS.map((tier) => after[tier].dirty)).toEqual([[], [], []])
      await expectAllTiers([...points, ...late])
      await h.compact()
      await expectAllTiers([...points, ...late])
    })

    it('remember over a restart what is dirty and how far they went', async () => {
      await h.store.write('metrics', [point(h.start, { user: 1 })])
      h.pass(2 * HOUR)
      await h.settle()
      const late = point(h.start + 1_000, { user: 3 })
      await h.store.write('metrics', [late])
      const before = await h.store.coverage('metrics', HOST)
      await h.reopen()
      expect(await h.store.coverage('metrics', HOST)).toEqual(before)
      await h.settle()
      const [answer] = plain(await readTier(h.store, '1h'))
      expect(answer?.fields['user']).toEqual({ value: [2], min: [1], max: [3], n: [2] })
    })

    it('take in what a host brings that was away, in old and in new windows', async () => {
      const points = load(h.start, 3)
      const first = points.filter(({ at }) => at < h.start + HOUR)
      await h.store.write('metrics', first)
      h.pass(1.5 * HOUR)
      await h.settle()
      h.pass(3 * HOUR)
      await h.settle()
      const rest = points.filter(({ at }) => at >= h.start + HOUR)
      // Newest first, as a spool sends them.
      await h.store.write('metrics', rest.slice(rest.length / 2))
      await h.settle()
      await h.store.write('metrics', rest.slice(0, rest.length / 2))
      await h.settle()
      await expectAllTiers(points)
    })

    it('are the same however often they are made', async () => {
      const points = load(h.start, 2)
      await h.store.write('metrics', points)
      h.pass(3 * HOUR)
      await h.settle()
      const written = await h.store.rollUp(range(h.start, h.start + 2 * HOUR))
      expect(written).toBeGreaterThan(0)
      await h.compact()
      await h.store.write('metrics', points)
      await h.store.rollUp(range(h.start, h.start + 2 * HOUR))
      await h.settle()
      await expectAllTiers(points)
      expect((await h.store.coverage('metrics', HOST))['1h'].dirty).toEqual([])
    })

    const its = traits.meansAnyNumbers ? it : it.skip
    const why = traits.meansAnyNumbers ? '' : ' (not run here: the sums of the server overflow)'

    its(`of means of the largest numbers are numbers${why}`, async () => {
      const most = Number.MAX_VALUE
      await h.store.write(
        'metrics',
        [most, most, -most, most].map((user, i) => point(h.start + i, { user })),
      )
      h.pass(2 * HOUR)
      await h.settle()
      const [answer] = plain(await readTier(h.store, '1m'))
      expect(answer?.fields['user']).toMatchObject({ min: [-most], max: [most], n: [4] })
      expect((answer?.fields['user']?.['value']?.[0] ?? 0) / most).toBeCloseTo(0.5, 6)
    })

    it('are not made of what was pushed', async () => {
      await h.store.write('pushed', [point(h.start, { user: 1 })])
      h.pass(2 * HOUR)
      await h.settle()
      expect(await h.store.read(question({ dataset: 'pushed', tier: '1h' }))).toEqual([])
      const nothing = { oldest: null, newest: null, horizon: null, rolledUpTo: null, dirty: [] }
      expect(await h.store.coverage('pushed', HOST)).toEqual({
        raw: { oldest: h.start, newest: h.start, horizon: null },
        '1m': nothing,
        '5m': nothing,
        '1h': nothing,
      })
    })
  })

  describe('reading in windows', () => {
    it.each([
      ['raw', MINUTE, '1m'],
      ['raw', HOUR, '1h'],
      ['1m', 5 * MINUTE, '5m'],
      ['1m', HOUR, '1h'],
      ['5m', HOUR, '1h'],
    ] as const)('from %s by %d ms is what the tier %s holds', async (tier, windowMs, same) => {
      const points = load(h.start, 2)
      await h.store.write('metrics', points)
      h.pass(3 * HOUR)
      await h.settle()
      await h.compact()
      const asked = { measurements: LOADED, beside: ['min', 'max', 'n'] as const }
      const answer = await h.store.read(question({ ...asked, tier, windowMs }))
      expectWindows(answer, expectedWindows(points, same))
    })

    it('takes whole windows between the seams, and only the wanted fields and companions', async () => {
      await h.store.write('metrics', [
        point(h.start - 1, { user: 100, idle: 1 }),
        point(h.start, { user: 1, idle: 1 }),
        point(h.start + MINUTE - 1, { user: 2, idle: 1 }),
        point(h.start + MINUTE, { idle: 1 }),
        point(h.start + 2 * MINUTE, { user: 100, idle: 1 }),
      ])
      const answer = await h.store.read(
        question({
          fields: ['user', 'nothing'],
          windowMs: MINUTE,
          range: range(h.start, h.start + 2 * MINUTE),
          beside: ['n'],
        }),
      )
      expect(plain(answer)).toEqual([
        {
          measurement: 'cpu',
          tags: { host: HOST },
          at: [h.start],
          fields: { user: { value: [1.5], n: [2] } },
        },
      ])
    })

    it('folds pushed values by their mean, whatever they are called', async () => {
      const at = [0, 1, 2].map((i) => instant(h.start + i * 1_000))
      await h.store.write(
        'pushed',
        at.map((one, i) => point(one, { core_count: i * i })),
      )
      const [answer] = plain(
        await h.store.read(
          question({ dataset: 'pushed', windowMs: MINUTE, beside: ['min', 'max', 'n'] }),
        ),
      )
      expect(answer?.fields).toEqual({
        core_count: { value: [expect.closeTo(5 / 3, 5)], min: [0], max: [4], n: [3] },
      })
    })

    it('and the companions of raw rows are windows of one', async () => {
      await h.store.write('metrics', [point(h.start, { user: 3, core_count: 4 })])
      const [answer] = plain(await h.store.read(question({ beside: ['min', 'max', 'n'] })))
      expect(answer?.fields).toEqual({
        user: { value: [3], min: [3], max: [3], n: [1] },
        core_count: { value: [4] },
      })
    })
  })
}
