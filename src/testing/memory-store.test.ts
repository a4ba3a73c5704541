import { describe, expect, it } from 'vitest'
import { DAY, instant, MINUTE } from '../points/instant.ts'
import type { Point } from '../points/point.ts'
import type { RangeQuery } from '../store/range-query.ts'
import { describeRecords } from '../store/records.contract.ts'
import { fakeClock } from './fake-clock.ts'
import { createMemoryStore } from './memory-store.ts'

const host = 'box'
const cpu = (at: number, fields: Record<string, number>): Point => ({
  measurement: 'cpu',
  tags: { host },
  fields,
  at: instant(at),
})
const question = (over: Partial<RangeQuery>): RangeQuery => ({
  dataset: 'metrics',
  measurements: ['cpu'],
  tags: { host },
  tier: 'raw',
  range: { from: instant(0), to: instant(DAY) },
  beside: [],
  ...over,
})
const arrays = (columns: object): unknown => JSON.parse(JSON.stringify(columns, plain))
const plain = (_key: string, value: unknown) =>
  value instanceof Float64Array
    ? Array.from(value, (one) => (Number.isNaN(one) ? 'none' : one))
    : value

const open = async (now: number, points: readonly Point[]) => {
  let time = now
  const store = createMemoryStore({ clock: { now: () => instant(time) } })
  await store.write('metrics', points)
  return { store, sleep: (ms: number) => void (time += ms) }
}

describe('the memory store', () => {
  it('merges by field and answers in time order', async () => {
    const { store } = await open(0, [
      cpu(5_000, { user: 3 }),
      cpu(0, { user: 1, idle: 9 }),
      cpu(0, { user: 2 }),
    ])
    expect(arrays(await store.read(question({})))).toEqual([
      {
        measurement: 'cpu',
        tags: { host },
        at: [0, 5_000],
        fields: { user: { value: [2, 3] }, idle: { value: [9, 'none'] } },
      },
    ])
  })

  it.each([
    ['user', { value: [2], min: [1], max: [3], n: [3] }],
    ['core_count', { value: [8] }],
  ])('folds %s by the catalogue', async (field, expected) => {
    const values = field === 'user' ? [1, 2, 3] : [2, 4, 8]
    const points = values.map((value, i) => cpu(i * 5_000, { [field]: value }))
    const { store } = await open(0, points)
    const answer = await store.read(question({ windowMs: MINUTE, beside: ['min', 'max', 'n'] }))
    expect(arrays(answer)).toEqual([
      { measurement: 'cpu', tags: { host }, at: [0], fields: { [field]: expected } },
    ])
  })

  it('weights the means of a tier by n', async () => {
    const { store } = await open(5 * MINUTE, [
      cpu(0, { user: 10 }),
      cpu(MINUTE, { user: 1 }),
      cpu(MINUTE + 5_000, { user: 1 }),
    ])
    await store.rollUp()
    const answer = await store.read(
      question({ tier: '1m', windowMs: 5 * MINUTE, beside: ['n', 'max'] }),
    )
    expect(arrays(answer)).toEqual([
      {
        measurement: 'cpu',
        tags: { host },
        at: [0],
        fields: { user: { value: [4], n: [3], max: [10] } },
      },
    ])
  })

  it('rolls up closed windows only, and knows what became dirty', async () => {
    const { store, sleep } = await open(90_000, [cpu(0, { user: 1 }), cpu(MINUTE, { user: 2 })])
    expect(await store.rollUp()).toBe(1)
    await store.write('metrics', [cpu(30_000, { user: 3 })])
    const before = await store.coverage('metrics', host)
    expect(before['1m']).toEqual({
      oldest: 0,
      newest: 0,
      horizon: null,
      rolledUpTo: MINUTE,
      dirty: [{ from: 0, to: MINUTE }],
    })
    sleep(MINUTE)
    await store.rollUp()
    expect((await store.coverage('metrics', host))['1m']).toMatchObject({
      newest: MINUTE,
      rolledUpTo: 2 * MINUTE,
      dirty: [],
    })
  })

  it('cuts reads at the policy', async () => {
    const { store } = await open(2 * DAY, [cpu(0, { user: 1 }), cpu(2 * DAY - 1, { user: 2 })])
    const policy = [{ dataset: 'metrics', tier: 'raw', days: 1 }] as const
    const gone = [{ dataset: 'metrics', tier: 'raw', points: 1, bytes: 16 }]
    expect(await store.applyRetention(policy, { preview: true })).toEqual(gone)
    expect((await store.extent('metrics', 'raw')).points).toBe(2)
    expect(await store.applyRetention(policy)).toEqual(gone)
    expect((await store.coverage('metrics', host)).raw).toEqual({
      oldest: 2 * DAY - 1,
      newest: 2 * DAY - 1,
      horizon: DAY,
    })
  })
})

describeRecords(
  'the memory store',
  async () => {
    const start = instant(Date.parse('2025-01-18T00:00:00Z'))
    const { clock, block, setWall } = fakeClock({ start })
    const store = createMemoryStore({ clock })
    return {
      store,
      start,
      pass: block,
      setWall,
      settle: async () => {},
      compact: async () => {},
      reopen: async () => store,
      backupFile: '',
      openBackup: async () => store,
      close: async () => {},
    }
  },
  { deletesItself: true, backsUp: false, guardsClock: false },
)
