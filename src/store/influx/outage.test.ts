import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ROLLUP_TIERS } from '../../catalog/tiers.ts'
import { HOUR, instant, MINUTE, windowStart } from '../../points/instant.ts'
import type { Point } from '../../points/point.ts'
import { expectedWindows, expectWindows, load, readTier } from '../contract/load.ts'
import { every } from '../../serve/every.ts'
import { plain, question, range } from '../contract/questions.ts'
import type { SeriesStore } from '../store.ts'
import { TOKENS_FILE, type KeptTokens } from './provision/tokens-file.ts'
import { binaries, ORG, startLab, type Lab } from './testing.ts'

/** Rows of now would leave windows open: these are of some hours ago, and come as a spool brings them. */
const start = windowStart(Date.now(), HOUR) - 4 * HOUR

const pushed = (i: number): Point => ({
  measurement: 'door',
  tags: { n: String(i % 3) },
  fields: { open: i },
  at: instant(start + i),
})

describe.skipIf(binaries === null)('while InfluxDB', { timeout: 60_000 }, () => {
  let lab: Lab
  let store: SeriesStore
  let upkeep: { stop(): Promise<void> }
  const accepted: Point[] = []
  let pushes = 0

  beforeEach(async () => {
    lab = await startLab(['--no-tasks'])
    store = await lab.open()
    accepted.length = 0
    pushes = 0
    upkeep = keepUp()
  })
  afterEach(async () => {
    await upkeep.stop()
    await lab.end()
  })

  /** As the server does it, with half a minute between two looks. */
  const keepUp = () =>
    every(
      20,
      async () => {
        await store.maintain()
        lab.pass(MINUTE / 2)
      },
      () => undefined,
    )

  const points = load(start, 2)
  const instants = [...new Set(points.map(({ at }) => at))]

  /** Takes samples and pushed points, some at once, from one part of the load to another. */
  const take = async (from: number, to: number) => {
    const part = instants.slice(
      Math.floor(from * instants.length),
      Math.floor(to * instants.length),
    )
    for (let i = 0; i < part.length; i += 8)
      await Promise.all(
        part.slice(i, i + 8).map(async (at) => {
          const sample = points.filter((one) => one.at === at)
          await store.write('metrics', sample)
          accepted.push(...sample)
          const push = pushes++
          await store.write('pushed', [pushed(push)])
        }),
      )
  }

  /** Nothing waits any more, and every window is made. */
  const settled = async () => {
    await expect
      .poll(() => [store.figures().spool?.lines, store.figures().dirtyWindows], {
        timeout: 30_000,
        interval: 50,
      })
      .toEqual([0, 0])
    expect(store.figures().spool).toMatchObject({ dropped: 0, quarantined: 0, damaged: 0 })
  }

  const expectAllThere = async () => {
    const raw = await store.read(
      question({
        measurements: ['cpu'],
        fields: ['usage_percent'],
        range: range(start, start + 2 * HOUR),
      }),
    )
    const cpu = accepted.filter(({ measurement }) => measurement === 'cpu')
    expect(raw[0]?.at.length).toBe(cpu.length)
    for (const tier of ROLLUP_TIERS)
      expectWindows(await readTier(store, tier), expectedWindows(accepted, tier))
    const doors = plain(
      await store.read(question({ dataset: 'pushed', measurements: ['door'], tags: {} })),
    )
    const values = doors.flatMap(({ fields }) => fields['open']?.['value'] ?? [])
    expect(values.toSorted((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: pushes }, (_, i) => i),
    )
  }

  it('is killed in the middle of writes and comes back, nothing is lost', async () => {
    await take(0, 0.3)
    const writing = take(0.3, 0.6)
    await lab.server.kill9()
    await writing
    expect(store.figures().spool?.lines).toBeGreaterThan(0)
    await take(0.6, 0.8)
    await expect(store.read(question())).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('does not answer') as unknown,
    })
    await lab.server.start()
    await take(0.8, 1)
    await settled()
    await expectAllThere()
    await expect.poll(() => store.health().problems, { timeout: 30_000 }).toEqual([])
  })

  it('is away, PerfWatch ends and starts again, and both go on', async () => {
    await take(0, 0.4)
    await lab.server.stop()
    await take(0.4, 0.6)
    await upkeep.stop()
    await store.close()
    store = await lab.open()
    upkeep = keepUp()
    expect(await store.newest('alpha')).toBeNull()
    await take(0.6, 0.8)
    expect(store.health().problems.join()).toContain('nothing answers')
    await lab.server.start()
    await take(0.8, 1)
    await settled()
    await expectAllThere()
    await expect.poll(() => store.health().problems, { timeout: 30_000 }).toEqual([])
  })

  it('has our tokens revoked, they are made anew', async () => {
    await take(0, 0.4)
    const tokens = JSON.parse(readFileSync(join(lab.folder, TOKENS_FILE), 'utf8')) as KeptTokens
    for (const role of ['writer', 'roller', 'reader'] as const)
      await lab.admin.call('DELETE', `/api/v2/authorizations/${tokens.scoped[role]?.id}`)
    await take(0.4, 1)
    await store.read(question()).catch(() => undefined)
    await settled()
    await expectAllThere()
  })

  it('has lost a bucket of points, it is made again and takes what came since', async () => {
    const { buckets } = await lab.admin.call<{ buckets: { id: string; name: string }[] }>(
      'GET',
      `/api/v2/buckets?org=${ORG}&limit=100`,
    )
    const id = (name: string) => buckets.find((one) => one.name === name)?.id
    for (const name of ['perfwatch', 'perfwatch_pushed'])
      await lab.admin.call('DELETE', `/api/v2/buckets/${id(name)}`)
    await take(0, 1)
    await settled()
    await expectAllThere()
  })

  it('has lost the buckets of tiers, they are filled again', async () => {
    await take(0, 1)
    await settled()
    const { buckets } = await lab.admin.call<{ buckets: { id: string; name: string }[] }>(
      'GET',
      `/api/v2/buckets?org=${ORG}&limit=100`,
    )
    for (const { id, name } of buckets)
      if (/_(1m|1h)$/.test(name)) await lab.admin.call('DELETE', `/api/v2/buckets/${id}`)
    for (const tier of ['1m', '1h'] as const)
      await expect
        .poll(async () => (await readTier(store, tier).catch(() => [])).length, {
          timeout: 30_000,
          interval: 50,
        })
        .toBeGreaterThan(0)
    // a minute was there before all of them were
    await store.rollUp()
    const { points: windows } = await store.extent('metrics', '1h')
    expect(windows).toBe(
      [...expectedWindows(accepted, '1h').values()].reduce((sum, { size }) => sum + size, 0),
    )
    await expectAllThere()
  })
})
