import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ROLLUP_TIERS, type Tier } from '../../catalog/tiers.ts'
import { DAY, HOUR, instant, MINUTE } from '../../points/instant.ts'
import type { RetentionPolicy } from '../store.ts'
import type { OpenHarness, StoreHarness, StoreTraits } from './harness.ts'
import { expectedWindows, expectWindows, load, LOADED, readTier } from './load.ts'
import { HOST, plain, point, question, range } from './questions.ts'

const policy = (days: Partial<Record<Tier, number>>): RetentionPolicy =>
  (['raw', ...ROLLUP_TIERS] as const).map((tier) => ({
    dataset: 'metrics',
    tier,
    days: days[tier] ?? null,
  }))

export const describeKeeping = (open: OpenHarness, traits: StoreTraits) => {
  let h: StoreHarness
  beforeEach(async () => {
    h = await open()
  })
  afterEach(() => h.close())

  const oldestOf = async (tier: Tier) =>
    (await h.store.read(question({ measurements: LOADED, tier })))[0]?.at[0] ?? null
  const pointsOn = async (tier: Tier) => (await h.store.extent('metrics', tier)).points

  /** Hourly rows over so many days, rolled up and sealed at their time. */
  const live = async (days: number) => {
    for (let day = 0; day < days; day++) {
      const from = h.start + day * DAY
      await h.store.write(
        'metrics',
        Array.from({ length: 24 }, (_, i) => point(from + i * HOUR, { user: i, core_count: 4 })),
      )
      h.pass(DAY)
      await h.settle()
      await h.compact()
    }
  }

  describe('extent', () => {
    it('is nothing at first, then counts rows and says where they begin and end', async () => {
      const nothing = { oldest: null, newest: null, bytes: 0, points: 0 }
      expect(await h.store.extent('metrics', 'raw')).toEqual(nothing)
      expect(await h.store.extent('pushed', 'raw')).toEqual(nothing)
      expect(await h.store.newest(HOST)).toBeNull()
      const points = load(h.start, 1)
      await h.store.write('metrics', points)
      const last = points.at(-1)?.at ?? instant(0)
      h.pass(2 * HOUR)
      await h.settle()
      for (const step of [async () => {}, () => h.compact()]) {
        await step()
        const raw = await h.store.extent('metrics', 'raw')
        expect(raw).toEqual({
          oldest: h.start,
          newest: last,
          bytes: expect.any(Number),
          points: points.length,
        })
        expect(raw.bytes).toBeGreaterThan(0)
      }
      expect(await pointsOn('1h')).toBe(4)
      expect(await h.store.extent('pushed', 'raw')).toEqual(nothing)
      expect(await h.store.newest(HOST)).toBe(last)
      expect(await h.store.hosts()).toEqual([{ host: HOST, firstSeen: h.start, lastSeen: last }])
      expect(await h.store.measurements('metrics')).toEqual([...LOADED])
    })

    it('is counted in the figures', async () => {
      await h.store.write('metrics', load(h.start, 1))
      h.pass(2 * HOUR)
      await h.settle()
      const { pointsWritten, windowsRolledUp, dirtyWindows } = h.store.figures()
      expect(pointsWritten).toBe(load(h.start, 1).length)
      expect(windowsRolledUp).toBeGreaterThan(0)
      expect(dirtyWindows).toBe(0)
      expect(h.store.health().problems).toEqual([])
    })
  })

  describe('retention', () => {
    const its = traits.deletesItself ? it : it.skip
    const why = traits.deletesItself ? '' : ' (not run here: a server deletes by its own clock)'

    its(
      `deletes what is older than the policy says, and a preview says so before${why}`,
      async () => {
        await live(6)
        const rules = policy({ raw: 3, '1m': 4 })
        const preview = await h.store.applyRetention(rules, { preview: true })
        expect(await oldestOf('raw')).toBe(h.start)
        const deleted = await h.store.applyRetention(rules)
        expect(deleted).toEqual(preview)
        expect(
          deleted.filter(({ points }) => points > 0).map(({ dataset, tier }) => [dataset, tier]),
        ).toEqual([
          ['metrics', 'raw'],
          ['metrics', '1m'],
        ])
        expect(deleted.every(({ points, bytes }) => points > 0 === bytes > 0)).toBe(true)
        expect(await oldestOf('raw')).toBe(h.start + 3 * DAY)
        expect(await oldestOf('1m')).toBe(h.start + 2 * DAY)
        expect(await oldestOf('5m')).toBe(h.start)
        const coverage = await h.store.coverage('metrics', HOST)
        expect(coverage.raw).toMatchObject({
          oldest: h.start + 3 * DAY,
          horizon: h.start + 3 * DAY,
        })
        expect(coverage['1h']).toMatchObject({ oldest: h.start, horizon: null })
        // Applied again: there is nothing left to do.
        expect((await h.store.applyRetention(rules)).every(({ points }) => points === 0)).toBe(true)
      },
    )

    it('says when it ran last, also after a restart; a preview is no run', async () => {
      const { lastRetention } = h.store.figures()
      await h.store.applyRetention(policy({ raw: 3 }), { preview: true })
      expect(h.store.figures()).toMatchObject({ lastRetention })
      h.pass(HOUR)
      await h.store.applyRetention(policy({ raw: 3 }))
      const first = h.store.figures().lastRetention ?? 0
      expect(first).toBeGreaterThan(lastRetention ?? 0)
      h.pass(HOUR)
      await h.store.applyRetention(policy({ raw: 4 }))
      const second = h.store.figures().lastRetention ?? 0
      expect(second).toBeGreaterThanOrEqual(first)
      expect((await h.reopen()).figures().lastRetention).toBe(second)
    })

    its(`keeps raw rows a day longer than they can be read${why}`, async () => {
      await live(6)
      await h.store.applyRetention(policy({ raw: 3 }))
      await h.store.applyRetention(policy({ raw: 4 }))
      expect(await oldestOf('raw')).toBe(h.start + 2 * DAY)
      await h.store.applyRetention(policy({}))
      expect(await oldestOf('raw')).toBeGreaterThanOrEqual(h.start + DAY)
    })

    its(`never deletes raw rows that are not rolled up${why}`, async () => {
      const points = load(h.start, 2)
      await h.store.write('metrics', points)
      h.pass(10 * DAY)
      await h.store.applyRetention(policy({ raw: 1 }))
      await h.compact()
      await h.settle()
      for (const tier of ROLLUP_TIERS)
        expectWindows(await readTier(h.store, tier), expectedWindows(points, tier))
      await h.store.applyRetention(policy({ raw: 1 }))
      expect(await oldestOf('raw')).toBeNull()
      expect(await oldestOf('1m')).toBe(h.start)
    })

    its(`leaves a window alone whose raw rows are gone, whatever comes late${why}`, async () => {
      const points = load(h.start, 2)
      await h.store.write('metrics', points)
      h.pass(10 * DAY)
      await h.settle()
      await h.compact()
      await h.store.applyRetention(policy({ raw: 1 }))
      const eth0 = { measurement: 'network_interface', tags: { interface: 'eth0' } }
      await h.store.write('metrics', [
        point(h.start + 30 * MINUTE, { user: 1e6, core_count: 99 }),
        point(h.start + 30 * MINUTE, { errors_in: 1 }, eth0),
      ])
      await h.settle()
      await h.store.rollUp(range(h.start, h.start + 2 * HOUR))
      await h.compact()
      for (const tier of ROLLUP_TIERS)
        expectWindows(await readTier(h.store, tier), expectedWindows(points, tier))
      expect((await h.store.coverage('metrics', HOST))['1h'].dirty).toEqual([])
    })

    its(
      `heals a window of which the end alone is still raw only where it gets no poorer${why}`,
      async () => {
        await live(3)
        // The raw rows of the first day, of which the policy lets the last hours live.
        h.pass(4 * HOUR + 17 * MINUTE)
        await h.store.applyRetention(policy({ raw: 1 }))
        await h.store.rollUp(range(h.start, h.start + 3 * DAY))
        const [answer] = plain(
          await h.store.read(question({ tier: '1h', fields: ['user'], beside: ['n'] })),
        )
        expect(answer?.fields['user']?.['n']).toEqual(Array(72).fill(1))
      },
    )

    its(
      `deletes nothing because a clock jumps, until it has been right for an hour${why}`,
      async () => {
        const rules = policy({ raw: 2, '1m': 3, '5m': 3, '1h': 3 })
        await live(2)
        await h.store.applyRetention(rules)
        const before = await pointsOn('raw')
        const right = h.start + 2 * DAY
        h.setWall(instant(right + 400 * DAY))
        await h.store.maintain()
        expect(await h.store.applyRetention(rules)).toEqual([])
        expect([await pointsOn('raw'), await oldestOf('raw')]).toEqual([before, h.start])
        h.setWall(instant(right))
        await h.store.applyRetention(rules)
        expect([await pointsOn('raw'), await oldestOf('raw')]).toEqual([before, h.start])
        h.setWall(instant(right + 400 * DAY))
        await h.store.maintain()
        for (let minute = 0; minute < 61; minute++) {
          h.pass(MINUTE)
          await h.store.maintain()
        }
        await h.store.applyRetention(rules)
        expect(await oldestOf('raw')).toBeNull()
      },
    )

    its(`of pushed points is theirs alone${why}`, async () => {
      await h.store.write('pushed', [point(h.start, { user: 1 })])
      await h.store.write('metrics', [point(h.start, { user: 1 })])
      h.pass(5 * DAY)
      await h.settle()
      await h.compact()
      await h.store.applyRetention([{ dataset: 'pushed', tier: 'raw', days: 2 }])
      expect(await h.store.read(question({ dataset: 'pushed' }))).toEqual([])
      expect(await oldestOf('raw')).toBe(h.start)
    })
  })

  describe('a backup', () => {
    const its = traits.backsUp ? it : it.skip
    const why = traits.backsUp ? '' : ' (not run here: the server has its own)'

    its(`opened as a store reads the same, while the store goes on${why}`, async () => {
      const points = load(h.start, 2)
      await h.store.write('metrics', points)
      h.pass(3 * HOUR)
      await h.settle()
      await h.compact()
      await h.store.write('metrics', [point(h.start + 2 * HOUR, { user: 1 })])
      const ask = question({ measurements: LOADED })
      const before = plain(await h.store.read(ask))
      const copying = h.store.backup(h.backupFile)
      await h.store.write('metrics', [point(h.start + 1, { user: 2 })])
      await copying
      const copy = await h.openBackup()
      try {
        for (const tier of ROLLUP_TIERS)
          expectWindows(await readTier(copy, tier), expectedWindows(points, tier))
        const raw = plain(await copy.read({ ...ask, range: range(h.start + 2, h.start + DAY) }))
        // All but the first row, beside which another may have come in time or not.
        expect(raw.map(({ at }) => at.length)).toEqual(before.map(({ at }) => at.length - 1))
      } finally {
        await copy.close()
      }
      await expect(h.store.backup(h.backupFile)).rejects.toMatchObject({ code: 'conflict' })
    })
  })
}
