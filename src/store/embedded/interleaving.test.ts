import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ROLLUP_TIERS } from '../../catalog/tiers.ts'
import { HOUR } from '../../points/instant.ts'
import { expectedWindows, expectWindows, readTier } from '../contract/load.ts'
import { HOST, plain, point, question } from '../contract/questions.ts'
import { openInTemporary, type TemporaryStore } from './testing/open-in-temporary.ts'

const turn = () =>
  new Promise((resume) => {
    setImmediate(resume)
  })

const turns = async (count: number) => {
  for (let i = 0; i < count; i++) await turn()
}

describe('while maintenance gives way at every chance', () => {
  let h: TemporaryStore
  beforeEach(() => {
    h = openInTemporary({ pace: { stretchMs: 0 } })
  })
  afterEach(() => h.close())

  it.each(Array.from({ length: 16 }, (_, i) => i))(
    'a point that comes %d turns into the healing of its window is healed, too',
    async (after) => {
      const points = [point(h.start, { user: 1 }), point(h.start + 5_000, { user: 2 })]
      await h.store.write('metrics', points)
      h.pass(2 * HOUR)
      await h.store.rollUp()
      const late = [1, 2].map((second) => point(h.start + second * 1_000, { user: 10 * second }))
      await h.store.write('metrics', late.slice(0, 1))
      const healing = h.store.rollUp()
      await turns(after)
      await h.store.write('metrics', late.slice(1))
      await healing
      await h.store.rollUp()
      for (const tier of ROLLUP_TIERS)
        expectWindows(await readTier(h.store, tier), expectedWindows([...points, ...late], tier))
    },
  )

  it.each(Array.from({ length: 16 }, (_, i) => i))(
    'a value that is written %d turns into the sealing of its row is not lost',
    async (after) => {
      await h.store.write('metrics', [point(h.start, { user: 1, idle: 1 })])
      const sealing = h.store.seal()
      await turns(after)
      await h.store.write('metrics', [point(h.start, { user: 2 }), point(h.start + 1, { user: 3 })])
      await sealing
      const fields = { user: { value: [2, 3] }, idle: { value: [1, null] } }
      for (const step of [async () => {}, () => h.store.seal(), h.reopen]) {
        await step()
        expect(plain(await h.store.read(question()))[0]?.fields).toEqual(fields)
      }
      expect((await h.store.extent('metrics', 'raw')).points).toBe(2)
    },
  )

  it('a chunk that is split between two pages of a read brings no row twice', async () => {
    // 63 chunks, and a full one as the last of the first page.
    const hours = Array.from({ length: 63 }, (_, i) => h.start + i * HOUR)
    const full = Array.from({ length: 2_048 }, (_, i) => h.start + 63 * HOUR + i * 1_000)
    const next = h.start + 64 * HOUR
    await h.store.write(
      'metrics',
      [...hours, ...full, next].map((at) => point(at, { user: 1 })),
    )
    await h.store.seal()
    await h.store.write('metrics', [point(h.start + 63 * HOUR + 500, { user: 2 })])
    const reading = h.store.read(question())
    await h.store.seal()
    const [answer] = await reading
    const expected = [...hours, ...full, next, h.start + 63 * HOUR + 500]
    expect([...(answer?.at ?? [])]).toEqual(expected.toSorted((a, b) => a - b))
  })

  it('removing a host takes what is written meanwhile, and what comes later is kept', async () => {
    const at = Array.from({ length: 300 }, (_, i) => h.start + i * 5_000)
    await h.store.write(
      'metrics',
      at.map((one) => point(one, { user: 1 })),
    )
    const removing = h.store.removeHost(HOST)
    await turn()
    await h.store.write('metrics', [point(h.start, { user: 2 })])
    await removing
    expect(await h.store.read(question())).toEqual([])
    await h.store.write('metrics', [point(h.start, { user: 3 })])
    await h.reopen()
    expect(plain(await h.store.read(question()))[0]?.fields).toEqual({ user: { value: [3] } })
  })

  it('closing waits for reads and maintenance, and everything later is refused', async () => {
    await h.store.write('metrics', [point(h.start, { user: 1 })])
    h.pass(HOUR)
    const all = [h.store.read(question()), h.store.rollUp(), h.store.seal()]
    const writing = h.store.write('metrics', [point(h.start + 1, { user: 2 })])
    const store = h.store
    await store.close()
    expect(await Promise.all(all)).toHaveLength(3)
    await writing
    for (const late of [
      () => store.read(question()),
      () => store.write('metrics', [point(h.start, { user: 1 })]),
      () => store.maintain(),
      () => store.coverage('metrics', HOST),
      () => store.backup(join(h.folder, 'late.db')),
    ])
      await expect(late()).rejects.toMatchObject({
        code: 'unavailable',
        message: 'The series store is closed.',
      })
    await h.reopen()
    expect(plain(await h.store.read(question()))[0]?.fields).toEqual({ user: { value: [1, 2] } })
  })
})
