import { EventEmitter } from 'node:events'
import { expect, it } from 'vitest'
import { HOUR, instant, toIso } from '../../points/instant.ts'
import type { TimeRange } from '../../points/instant.ts'
import type { SeriesStore } from '../../store/store.ts'
import { demoStore } from '../testing/demo-store.ts'
import { CLI_NOW, runCli } from '../testing/run-cli.ts'

/** A store that notes what is rolled up. */
const noting = async (onRange: (range: TimeRange) => void = () => {}) => {
  const store = await demoStore(instant(CLI_NOW - 20 * HOUR))
  const ranges: string[] = []
  const accesses: string[] = []
  const noted: SeriesStore = {
    ...store,
    rollUp: async (range) => {
      if (range === undefined) throw new Error('without a range')
      ranges.push(`${toIso(range.from)} ${toIso(range.to)}`)
      onRange(range)
      return store.rollUp(range)
    },
  }
  return {
    ranges,
    accesses,
    rooms: {
      openStore: async (_: unknown, access: string) => {
        accesses.push(access)
        return noted
      },
    },
  }
}

it('rolls up whole hours in steps of six, and no further back than there is something', async () => {
  const { ranges, accesses, rooms } = await noting()
  const run = await runCli(['rollup', '--since', '30d', '--until', '2025-01-18T11:20Z'], { rooms })
  expect(ranges).toEqual([
    '2025-01-17T16:00:00Z 2025-01-17T18:00:00Z',
    '2025-01-17T18:00:00Z 2025-01-18T00:00:00Z',
    '2025-01-18T00:00:00Z 2025-01-18T06:00:00Z',
    '2025-01-18T06:00:00Z 2025-01-18T12:00:00Z',
  ])
  expect(accesses).toEqual(['roll'])
  expect(run).toMatchObject({ code: 0, out: expect.stringMatching(/^Wrote [\d.k ]+ windows\.\n$/) })
})

it('stops at the next seam when it is asked to, and says how to go on', async () => {
  const signals = new EventEmitter()
  const { ranges, rooms } = await noting(() => signals.emit('SIGINT'))
  const run = await runCli(['rollup', '--since', '10h'], { rooms, signals })
  expect(ranges).toHaveLength(1)
  expect(run).toMatchObject({
    code: 1,
    out: expect.stringContaining(
      'To go on: perfwatch rollup --since 2025-01-18T06:00:00Z --until 2025-01-18T12:00:00Z',
    ),
  })
  expect(signals.listenerCount('SIGINT')).toBe(0)
})

it('has nothing to do before the first row', async () => {
  const { rooms } = await noting()
  expect(
    await runCli(['rollup', '--since', '2024-01-01', '--until', '2024-01-02'], { rooms }),
  ).toEqual({ code: 0, out: 'There is nothing to roll up.\n', err: '' })
})

it.each([
  [['--since', '1h', '--until', '2h'], '--since must be before --until.'],
  [['--since', 'soon'], "--since: 'soon' is not a time."],
])('%j is refused', async (options, sentence) => {
  const { rooms } = await noting()
  const run = await runCli(['rollup', ...options], { rooms })
  expect(run.code).toBe(2)
  expect(run.err).toContain(sentence)
})
