import { describe, expect, it } from 'vitest'
import type { RollupTier } from '../../catalog/tiers.ts'
import { HOUR, instant, MINUTE, SECOND } from '../../points/instant.ts'
import type { StateBook } from './state.ts'
import { createTaskWatch } from './task-watch.ts'

const ten = Date.UTC(2026, 0, 1, 10)

const open = (marks: Partial<Record<RollupTier, number>>) => {
  const world = {
    now: ten,
    raw: ten as number | undefined,
    newest: new Map<string, number>(),
    marks: new Map(Object.entries(marks)),
  }
  const watch = createTaskWatch({
    queries: { ask: async () => world.newest as never },
    prefix: 'perfwatch',
    clock: { now: () => instant(world.now), monotonic: () => world.now },
    state: {
      mark: (tier: RollupTier) => world.marks.get(tier) ?? null,
      setMark: (tier: RollupTier, at: number) => world.marks.set(tier, at),
    } as unknown as StateBook,
    newestRaw: async () => world.raw,
  })
  return { world, watch }
}

/** All is well at ten and a bit: every task has just run. */
const well = () => {
  const opened = open({ '1m': ten - 5 * MINUTE, '5m': ten - 10 * MINUTE, '1h': ten - 2 * HOUR })
  opened.world.now = ten + 40 * SECOND
  opened.world.raw = ten + 35 * SECOND
  opened.world.newest = new Map([
    ['1m', ten - MINUTE],
    ['5m', ten - 5 * MINUTE],
    ['1h', ten - HOUR],
  ])
  return opened
}

describe('the watch over the tasks', () => {
  it('moves each mark to where nothing can change any more without being noted', async () => {
    const { world, watch } = well()
    expect(await watch.look()).toEqual([])
    expect(Object.fromEntries(world.marks)).toEqual({
      '1m': ten - 4 * MINUTE,
      '5m': ten - 5 * MINUTE,
      '1h': ten - HOUR,
    })
    expect(watch.problems()).toEqual([])
  })

  it.each<[string, Partial<Record<RollupTier, number>>, readonly RollupTier[]]>([
    ['nothing is known', {}, ['1m', '5m', '1h']],
    [
      'a task was away for longer than it looks back',
      { '1m': ten - 11 * MINUTE, '5m': ten - 25 * MINUTE, '1h': ten - 3 * HOUR },
      ['1m'],
    ],
  ])('leaves tiers to be rolled up when %s', async (_, marks, expected) => {
    const { world, watch } = open(marks)
    world.newest = new Map([['1m', ten - MINUTE]])
    expect(await watch.look()).toEqual(expected)
    if (marks['1m'] !== undefined) expect(world.marks.get('1m')).toBe(marks['1m'])
  })

  it('takes marks back that a clock has set into the future', async () => {
    const { world, watch } = well()
    world.marks.set('1h', ten + 400 * 24 * HOUR)
    await watch.look()
    expect(world.marks.get('1h')).toBe(ten)
  })

  it('says at the second look which task makes no windows, as long as it does not', async () => {
    const { world, watch } = well()
    world.newest.set('5m', ten - 30 * MINUTE)
    await watch.look()
    expect(watch.problems()).toEqual([])
    await watch.look()
    expect(watch.problems()).toEqual([
      expect.stringMatching(/^The task perfwatch-5m has made no window since 2026-01-01T09:50:00Z/),
    ])
    world.newest.set('5m', ten - 5 * MINUTE)
    await watch.look()
    expect(watch.problems()).toEqual([])
  })

  it('says nothing where there are no raw rows to make windows of', async () => {
    const { world, watch } = well()
    world.raw = ten - 3 * HOUR
    world.newest.clear()
    await watch.look()
    await watch.look()
    expect(watch.problems()).toEqual([])
    world.raw = undefined
    expect(await watch.look()).toEqual([])
    expect(watch.problems()).toEqual([])
  })
})
