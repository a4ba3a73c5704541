import { describe, expect, it, onTestFinished } from 'vitest'
import { instant } from '../points/instant.ts'
import { openTestStore } from '../testing/test-store.ts'
import { types } from './types.ts'

const six = ['cpu', 'disk', 'memory', 'memory_bandwidth', 'network', 'perf_events']

describe('the types of history', () => {
  it('are the six of the contract, and with all also the others and what was pushed', async () => {
    const store = await openTestStore({ clock: { now: () => instant(0) } })
    onTestFinished(store.close)
    const pushed = (measurement: string) => ({
      measurement,
      tags: {},
      fields: { x: 1 },
      at: instant(0),
    })
    // What is named like a metric has a name of its own: the plain one means the metric.
    await store.write('pushed', ['weather', 'rooms', 'cpu', 'perf'].map(pushed))
    expect(await types(false, { store })).toEqual({ metric_types: six })
    expect(await types(true, { store })).toEqual({
      metric_types: [...six, 'host', 'pressure', 'pushed.cpu', 'pushed.perf', 'rooms', 'weather'],
    })
  })
})
