import { describe, expect, it } from 'vitest'
import { instant } from '../points/instant.ts'
import type { RecordStore } from '../store/records.ts'
import { createMemoryStore } from '../testing/memory-store.ts'
import { clientSamples, sampleInstant } from './client-cpu.ts'

const SESSION = { user: 'ann', session: 's' }
const START = 1_700_000_000

/** The cpu of a sample says which time it belongs to. */
const cpuAt = (time: number) => time - START + 0.5

const openWith = async (times: readonly number[]) => {
  const { records } = createMemoryStore({ clock: { now: () => instant(START * 1_000) } })
  const post = (time: number) =>
    records.append('journal', [
      {
        measurement: 'client_cpu',
        tags: SESSION,
        at: sampleInstant(time),
        fields: { cpu: cpuAt(time), time },
      },
    ])
  for (const time of times) await post(time)
  return { records, post }
}

const seconds = (count: number) => Array.from({ length: count }, (_, second) => START + second)

describe('the samples of a session', () => {
  it('are all there, however many', async () => {
    const times = seconds(12_001)
    const { records } = await openWith(times)
    const { time, cpu } = await clientSamples(records, SESSION)
    expect([...time]).toEqual(times)
    expect([...cpu]).toEqual(times.map(cpuAt))
  })

  it.each(['time', 'cpu'])(
    'keep the cpu of their own time while others come in behind the reading of %s',
    async (first) => {
      const { records, post } = await openWith(seconds(300))
      let isRead = () => {}
      const read = new Promise<void>((resolve) => (isRead = resolve))
      const busy: Pick<RecordStore, 'values' | 'series'> = {
        series: records.series,
        values: async function* (selection, field) {
          if (field !== first) await read
          yield* records.values(selection, field)
          if (field !== first) return
          // before all, at an instant that is taken, in the middle, behind all
          for (const late of [-1, 0, 100.5, 300]) await post(START + late)
          isRead()
        },
      }
      const { time, cpu } = await clientSamples(busy, SESSION)
      expect([...time]).toEqual(seconds(300))
      expect([...cpu]).toEqual(seconds(300).map(cpuAt))
    },
  )

  it.each([
    [{}, { from: START * 1_000, to: START * 1_000 + 2_001 }],
    [{ from: START + 1 }, { from: START * 1_000 + 1_000, to: START * 1_000 + 2_001 }],
    [
      { from: -1e12, to: START + 0.5 },
      { from: START * 1_000, to: START * 1_000 + 501 },
    ],
    [{ from: START + 3 }, undefined],
    [{ to: START - 1 }, undefined],
    [{ session: 'of nobody' }, undefined],
  ])('are looked for only where the session has some: %j', async (asked, expected) => {
    const { records } = await openWith(seconds(3))
    const ranges: unknown[] = []
    await clientSamples(
      {
        series: records.series,
        values: (selection, field) => {
          ranges.push(selection.range)
          return records.values(selection, field)
        },
      },
      { ...SESSION, ...asked },
    )
    expect(ranges).toEqual(expected === undefined ? [] : [expected, expected])
  })

  it('of one millisecond come by their finer time', async () => {
    const times = [START + 0.000_9, START + 0.000_1, START + 0.000_5]
    const { records } = await openWith(times)
    const { time } = await clientSamples(records, SESSION)
    expect([...time]).toEqual(times.toSorted((a, b) => a - b))
  })
})

describe('a sample stands', () => {
  it.each([
    [0, 0],
    [-0.5, -500],
    // 1649596019.895 is a little less than that in binary
    [1_649_596_019.895, 1_649_596_019_895],
    [1_649_596_019.8959, 1_649_596_019_895],
    [1e300, 9_000_000_000_000],
    [-Infinity, -9_000_000_000_000],
  ])('of %d s at %d ms', (time, ms) => {
    expect(sampleInstant(time)).toBe(ms)
  })
})
