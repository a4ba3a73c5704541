import { describe, expect, it } from 'vitest'
import { instant } from '../points/instant.ts'
import { createMemoryStore } from '../testing/memory-store.ts'
import { types } from './types.ts'

const six = ['cpu', 'disk', 'memory', 'memory_bandwidth', 'network', 'perf_events']

describe('the types of history', () => {
  it('are the six of the contract, and with all also the others and what was pushed', async () => {
    const store = createMemoryStore({ clock: { now: () => instant(0) } })
    const pushed = (measurement: string) => ({
      measurement,
      tags: {},
      fields: { x: 1 },
      at: instant(0),
    })
    // What is named like a metric cannot be asked for: the name means the metric.
    await store.write('pushed', ['weather', 'rooms', 'cpu', 'perf'].map(pushed))
    expect(await types(false, { store })).toEqual({ metric_types: six })
    expect(await types(true, { store })).toEqual({
      metric_types: [...six, 'host', 'pressure', 'rooms', 'weather'],
    })
  })
})
