import { afterEach } from 'vitest'
import { instant } from '../../points/instant.ts'
import { fakePerf, handTime, type FakeOptions } from './fake-perf.ts'
import { perfCollector, type PerfCollector, type PerfConfig } from './perf-collector.ts'

/** An interval of `a` context switches and `c` cycles, `i` instructions. */
export const interval = (at: string, a: number, c: number | null = null, i: number | null = null) =>
  [
    `${at},${a},,context-switches,1,100.00,,`,
    `${at},${c ?? '<not counted>'},,cycles,1,100.00,,`,
    `${at},${i ?? '<not counted>'},,instructions,1,100.00,,`,
    '',
  ].join('\n')

const STREAM = interval('1.0', 1, 1, 1)
export const CONFIG: PerfConfig = { enabled: true, cpuCores: 'all', intervalMs: 1_000 }

const open: PerfCollector[] = []
afterEach(async () => {
  for (const collector of open.splice(0)) await collector.close()
})

/** A collector over a fake perf that knows three events, after its first look around. */
export const given = async (
  config: Partial<PerfConfig> = {},
  options: FakeOptions = {},
  platform = 'linux',
) => {
  const perf = fakePerf(STREAM, options)
  const time = handTime()
  const host = { platform, vendor: 'other' as const, hybrid: false, paranoid: 2 }
  const collector = perfCollector(
    { launch: perf.launch, clock: time.clock, timers: time.timers, readHost: () => host },
    { ...CONFIG, ...config },
  )
  open.push(collector)
  await time.settled()
  return {
    ...perf,
    time,
    collector,
    emit: (text: string) => perf.runs.at(-1)?.emit(text),
    collect: () => collector.collect({ at: instant(0), monotonicMs: time.clock.monotonic() }),
    /** The reading in short: a field, or the reason why there is none. */
    value: (field = 'context_switches') => {
      const reading = collector.collect({ at: instant(0), monotonicMs: time.clock.monotonic() })
      return reading.kind === 'ok' ? reading.rows[0]?.fields[field] : reading.reason
    },
  }
}
