import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ROLLUP_TIERS, TIER_MS, type RollupTier } from '../../catalog/tiers.ts'
import { HOUR, instant, MINUTE, toIso, windowStart } from '../../points/instant.ts'
import type { Point } from '../../points/point.ts'
import { expectedWindows, expectWindows, load, LOADED } from '../contract/load.ts'
import { HOST, point, question } from '../contract/questions.ts'
import type { SeriesStore } from '../store.ts'
import { LOOK_BACK_MS } from './rollup-script.ts'
import { binaries, ORG, startLab, type Lab } from './testing.ts'

const BESIDE = ['min', 'max', 'n'] as const

describe.skipIf(binaries === null)('the tasks of a real InfluxDB', { timeout: 60_000 }, () => {
  let lab: Lab
  let store: SeriesStore
  const end = windowStart(Date.now(), HOUR)
  const start = end - 3 * HOUR
  beforeEach(async () => {
    lab = await startLab()
    store = await lab.open()
  })
  afterEach(() => lab.end())

  const taskId = async (tier: RollupTier): Promise<string> => {
    const { tasks } = await lab.admin.call<{ tasks: { id: string }[] }>(
      'GET',
      `/api/v2/tasks?org=${ORG}&name=perfwatch-${tier}`,
    )
    return tasks[0]?.id ?? ''
  }

  /** Has a task run as at that time; resolves with how it ended. */
  const runTask = async (tier: RollupTier, at: number): Promise<string> => {
    const id = await taskId(tier)
    const { id: run } = await lab.admin.call<{ id: string }>('POST', `/api/v2/tasks/${id}/runs`, {
      scheduledFor: toIso(instant(at)),
    })
    // InfluxDB tells nobody when a run is over. While it moves an ended run to its history it knows
    // it in neither place: what was once seen of a run is kept, never asked for again.
    let status = ''
    await expect
      .poll(
        async () => {
          const found = await lab.admin
            .call<{ status: string }>('GET', `/api/v2/tasks/${id}/runs/${run}`)
            .catch(() => ({ status: 'gone' }))
          return (status = found.status)
        },
        { timeout: 30_000, interval: 100 },
      )
      .toMatch(/^(success|failed)$/)
    return status
  }

  const readTier = (tier: RollupTier, from: number, to: number) =>
    store.read(
      question({
        measurements: LOADED,
        tier,
        beside: BESIDE,
        range: { from: instant(from), to: instant(to) },
      }),
    )
  const within = (points: readonly Point[], from: number) => points.filter(({ at }) => at >= from)

  it('make what raw rows say, and what late points make of it', async () => {
    const points = load(start, 3)
    await store.write('metrics', points)
    const runAll = () => Promise.all(ROLLUP_TIERS.map((tier) => runTask(tier, end)))
    const allWell = ROLLUP_TIERS.map(() => 'success')
    expect(await runAll()).toEqual(allWell)
    for (const tier of ROLLUP_TIERS) {
      const from = end - LOOK_BACK_MS[tier]
      expectWindows(await readTier(tier, from, end), expectedWindows(within(points, from), tier))
    }
    // of the last minutes, so that every task still sees them
    const late = [
      point(end - 3 * MINUTE + 1, { user: 1_000, usage_percent: 77 }),
      point(end - 2 * MINUTE, { user: -1_000, core_count: 16 }),
    ]
    await store.write('metrics', late)
    expect(await runAll()).toEqual(allWell)
    for (const tier of ROLLUP_TIERS) {
      const from = end - LOOK_BACK_MS[tier]
      const all = [...points, ...late]
      expectWindows(await readTier(tier, from, end), expectedWindows(within(all, from), tier))
    }
  })

  it('leave to PerfWatch what they were not there for, at a start and when points come late', async () => {
    const points = load(start, 3)
    await store.write('metrics', points)
    await store.maintain()
    for (const tier of ROLLUP_TIERS)
      expectWindows(await readTier(tier, start, end), expectedWindows(points, tier))
    expect(store.figures()).toMatchObject({ dirtyWindows: 0, rollupHoursLeft: 0 })

    const late = [point(start + 5 * MINUTE, { user: 5 }), point(start + 70 * MINUTE, { user: 5 })]
    await store.write('metrics', late)
    expect(store.figures().dirtyWindows).toBe(2)
    lab.pass(MINUTE)
    await store.maintain()
    for (const tier of ROLLUP_TIERS)
      expectWindows(await readTier(tier, start, end), expectedWindows([...points, ...late], tier))
    expect(store.figures().dirtyWindows).toBe(0)
    expect(store.health().problems).toEqual([])
    const { '1m': minutes } = await store.coverage('metrics', HOST)
    expect(minutes.rolledUpTo).toBeGreaterThanOrEqual(end)
    expect(minutes.dirty).toEqual([])
  })

  it('that fail are named with their reason, and so is the rollup of PerfWatch', async () => {
    const at = end - HOUR
    await lab.admin.write(ORG, 'perfwatch', [`cpu,host=x label="a text",user=1 ${at}`])
    expect(await runTask('1h', end)).toBe('failed')
    await store.close()
    store = await lab.open()
    expect(store.health().problems).toEqual([
      expect.stringMatching(/The task perfwatch-1h failed at its last run: .*string/),
    ])
    await store.maintain()
    expect(store.health().problems).toEqual([
      expect.stringMatching(/InfluxDB at .* refused: .*string/),
      expect.stringContaining('The task perfwatch-1h'),
    ])
    await expect(store.rollUp()).rejects.toMatchObject({ code: 'unavailable' })
  })
})

describe('windows of a look-back', () => {
  it.each(ROLLUP_TIERS)('are whole for %s', (tier) => {
    expect(LOOK_BACK_MS[tier] % TIER_MS[tier]).toBe(0)
  })
})
