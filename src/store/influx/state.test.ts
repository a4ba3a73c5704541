import { describe, expect, it } from 'vitest'
import { fakeDisk } from '../../testing/fake-disk.ts'
import { openState } from './state.ts'

const ids = { raw: 'a', '1m': 'b', '5m': 'c', '1h': 'd' }
const marksOf = (state: Awaited<ReturnType<typeof openState>>) =>
  (['1m', '5m', '1h'] as const).map((tier) => state.mark(tier))

describe('what is remembered of the tiers', () => {
  it('is there again after a restart, a power loss included', async () => {
    const disk = fakeDisk()
    const first = await openState(disk, 'data')
    expect(first.isKnown()).toBe(false)
    first.reconcile(ids)
    first.setMark('1m', 60_000)
    first.raiseRawCut(30_000)
    first.raiseRawCut(20_000)
    await first.save()
    first.setMark('5m', 1)
    disk.restartMachine(() => 0)
    const second = await openState(disk, 'data')
    expect([second.isKnown(), marksOf(second), second.rawCut()]).toEqual([
      true,
      [60_000, null, null],
      30_000,
    ])
  })

  it('is forgotten of buckets that are others now', async () => {
    const disk = fakeDisk()
    const state = await openState(disk, 'data')
    const set = () => {
      state.reconcile(ids)
      for (const tier of ['1m', '5m', '1h'] as const) state.setMark(tier, 1)
      state.raiseRawCut(1)
    }
    set()
    state.reconcile(ids)
    expect(marksOf(state)).toEqual([1, 1, 1])
    state.reconcile({ ...ids, '5m': 'x' })
    expect([marksOf(state), state.rawCut()]).toEqual([[1, null, 1], 1])
    set()
    state.reconcile({ ...ids, raw: 'x' })
    expect([marksOf(state), state.rawCut()]).toEqual([[null, null, null], -Infinity])
  })

  it('is on the disk for each of those who save at once', async () => {
    const disk = fakeDisk()
    const state = await openState(disk, 'data')
    state.setMark('1m', 60_000)
    const first = state.save()
    state.setNextSeq(10)
    const second = state.save()
    // nothing has changed since, but it is not on the disk yet
    await state.save()
    disk.restartMachine(() => 0)
    const found = await openState(disk, 'data')
    expect([found.mark('1m'), found.nextSeq()]).toEqual([60_000, 10])
    await Promise.all([first, second])
  })

  it('is tried again after a disk was full', async () => {
    const disk = fakeDisk()
    let isFull = true
    const full = {
      ...disk,
      replace: (...args: Parameters<typeof disk.replace>) =>
        isFull ? Promise.reject(new Error('ENOSPC')) : disk.replace(...args),
    }
    const state = await openState(full, 'data')
    state.setNextSeq(10)
    await expect(state.save()).rejects.toThrow('ENOSPC')
    isFull = false
    await state.save()
    expect((await openState(disk, 'data')).nextSeq()).toBe(10)
  })

  it.each(['', '{', '[]', '{"buckets":{},"marks":{"1m":"x"}}', 'null'])(
    'is nothing when its file is %j',
    async (text) => {
      const disk = fakeDisk()
      await disk.replace('data', 'influx-state.json', Buffer.from(text))
      const state = await openState(disk, 'data')
      expect([state.isKnown(), marksOf(state), state.rawCut()]).toEqual([
        false,
        [null, null, null],
        -Infinity,
      ])
    },
  )
})
