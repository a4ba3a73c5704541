import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { perfEvents } from '../../catalog/perf-events.ts'
import { instant } from '../../points/instant.ts'
import { fakePerf, handTime } from './fake-perf.ts'
import { perfCollector } from './perf-collector.ts'

/** What each recorded or hand-written stream must give; README.md says which is which. */
const Expected = z.strictObject({
  about: z.string(),
  seenOnRealHardware: z.boolean(),
  perf: z.string(),
  host: z.strictObject({ vendor: z.enum(['intel', 'amd', 'arm', 'other']), hybrid: z.boolean() }),
  /** The fields that have a value; all others must be null. */
  fields: z.record(z.string(), z.number()),
})

const folder = new URL('fixtures/', import.meta.url)
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.csv'))
  .map((name) => name.slice(0, -4))
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8')

const nothing = Object.fromEntries(
  Object.keys(perfEvents.series[0].fields).map((field) => [field, null]),
)

describe('the stream of', () => {
  it.each(names)('%s', async (name) => {
    const expected = Expected.parse(JSON.parse(read(`${name}.json`)))
    expect(Object.keys(nothing)).toEqual(expect.arrayContaining(Object.keys(expected.fields)))
    const perf = fakePerf(read(`${name}.csv`))
    const time = handTime()
    const collector = perfCollector(
      {
        launch: perf.launch,
        clock: time.clock,
        timers: time.timers,
        readHost: () => ({ platform: 'linux', paranoid: 2, ...expected.host }),
      },
      { enabled: true, cpuCores: 'all', intervalMs: 1_000 },
    )
    await time.settled()
    perf.runs[0]?.replay()
    await time.pass(100)
    expect(collector.collect({ at: instant(0), monotonicMs: time.clock.monotonic() })).toEqual({
      kind: 'ok',
      rows: [{ measurement: 'perf', fields: { ...nothing, ...expected.fields } }],
      facts: ['all', 1_000],
    })
    await collector.close()
  })
})
