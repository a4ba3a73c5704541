import { describe, expect, it } from 'vitest'
import { ROLLUP_TIERS, TIER_MS } from '../../catalog/tiers.ts'
import { instant, MINUTE, SECOND, windowStart } from '../../points/instant.ts'
import type { Point } from '../../points/point.ts'
import { every } from '../../serve/every.ts'
import { expectedWindows, expectWindows } from '../contract/load.ts'
import { plain, point, question, range } from '../contract/questions.ts'
import type { SeriesStore } from '../store.ts'
import { binaries, startLab, type Lab } from './testing.ts'

/** Real minutes: tasks run at their times, points come at theirs. */
const OUTAGE_MS = 10 * MINUTE
const SAMPLE_EVERY_MS = 5 * SECOND
const PUSHED_A_SECOND = 200

describe.skipIf(binaries === null)('minutes of outage', () => {
  it('while a host is sampled and others push cost nothing', async () => {
    const lab: Lab = await startLab()
    const store: SeriesStore = await lab.open()
    const upkeep = every(SECOND, store.maintain, () => undefined)
    const samples: Point[] = []
    let pushed = 0
    const started = Date.now()

    const sampler = every(
      SAMPLE_EVERY_MS,
      async () => {
        const at = windowStart(Date.now(), SAMPLE_EVERY_MS)
        const sample = [
          point(at, { usage_percent: at % 97, core_count: 4 }),
          point(
            at,
            { errors_in: at % 3 },
            { measurement: 'network_interface', tags: { interface: 'eth0' } },
          ),
        ]
        await store.write('metrics', sample)
        samples.push(...sample)
      },
      (error) => expect.unreachable(String(error)),
    )
    const pusher = every(
      100,
      async () => {
        const points = Array.from({ length: PUSHED_A_SECOND / 10 }, (_, i): Point => ({
          measurement: 'door',
          tags: { n: String(i) },
          fields: { open: pushed + i },
          at: instant(started + pushed + i),
        }))
        await store.write('pushed', points)
        pushed += points.length
      },
      (error) => expect.unreachable(String(error)),
    )
    const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

    await pause(MINUTE)
    await lab.server.kill9()
    await pause(OUTAGE_MS)
    const waiting = store.figures().spool
    const backAt = performance.now()
    await lab.server.start()
    await expect
      .poll(() => store.figures().spool?.ageSeconds ?? Infinity, { timeout: 60_000, interval: 100 })
      .toBeLessThan(2)
    const drainedMs = performance.now() - backAt
    await pause(2 * MINUTE)
    await sampler.stop()
    await pusher.stop()
    await expect
      .poll(() => [store.figures().spool?.lines, store.figures().dirtyWindows], {
        timeout: 2 * MINUTE,
        interval: 200,
      })
      .toEqual([0, 0])
    await upkeep.stop()

    const end = Date.now()
    const raw = await store.read(question({ range: range(started - MINUTE, end), tags: {} }))
    expect(raw[0]?.at.length).toBe(
      samples.filter(({ measurement }) => measurement === 'cpu').length,
    )
    const doors = plain(
      await store.read(question({ dataset: 'pushed', measurements: ['door'], tags: {} })),
    )
    const found = doors.flatMap(({ fields }) => fields['open']?.['value'] ?? [])
    expect(new Set(found).size).toBe(pushed)
    for (const tier of ROLLUP_TIERS) {
      const closed = windowStart(end - MINUTE, TIER_MS[tier])
      const answer = await store.read(
        question({
          measurements: ['cpu', 'network_interface'],
          tier,
          beside: ['min', 'max', 'n'],
          range: range(started - 2 * TIER_MS[tier], closed),
        }),
      )
      expectWindows(
        answer,
        expectedWindows(
          samples.filter(({ at }) => at < closed),
          tier,
        ),
      )
    }
    expect(store.health().problems).toEqual([])
    console.log(
      `${OUTAGE_MS / 1_000} s of outage: ${samples.length + pushed} points accepted, 0 lost; ${waiting?.lines} lines waited, sent ${Math.round(drainedMs)} ms after the start`,
    )
    await lab.end()
  }, 1_500_000)
})
