import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { PERF_EVENTS } from '../../catalog/perf-events.ts'
import { explainPerf } from './doctor.ts'
import { fakePerf, handTime, type FakeOptions } from './fake-perf.ts'
import type { PerfHost } from './perf-host.ts'

const read = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8')
const intel: PerfHost = { platform: 'linux', vendor: 'intel', hybrid: false, paranoid: 1 }

const explain = async (stream: string, cores?: string, options: FakeOptions = {}) => {
  const perf = fakePerf(stream, options)
  const { timers } = handTime()
  const report = await explainPerf({ launch: perf.launch, timers, readHost: () => intel }, cores)
  return { report, processes: perf.launched.length }
}

it('shows what a server counts and by which events', async () => {
  const { report, processes } = await explain(read('intel-server.csv'))
  const { events, ...rest } = report
  expect(rest).toEqual({
    available: true,
    reason: null,
    version: '6.1.0',
    paranoid: 1,
    vendor: 'intel',
    ipc: true,
    extras: [
      { field: 'l1i_cache_misses', by: 'L1-icache-load-misses' },
      { field: 'l1d_cache_misses', by: 'L1-dcache-load-misses' },
      { field: 'l2_cache_misses', by: 'l2_rqsts.miss' },
      { field: 'llc_misses', by: 'LLC-load-misses' },
      {
        field: 'memory_bandwidth_read_mbps',
        by: 'uncore_imc/cas_count_read,name=pw_cas_count_read/',
      },
      {
        field: 'memory_bandwidth_write_mbps',
        by: 'uncore_imc/cas_count_write,name=pw_cas_count_write/',
      },
    ],
    advice: [],
  })
  expect(events.map(({ event }) => event)).toEqual(PERF_EVENTS)
  expect(events.filter(({ counted }) => !counted)).toEqual(
    ['L1-icache-loads', 'iTLB-loads'].map((event) => ({
      event,
      counted: false,
      why: 'The processor or the kernel does not count it.',
    })),
  )
  expect(processes).toBe(7)
})

it('says what is missing in a virtual machine, at the price of two processes', async () => {
  const { report, processes } = await explain(read('vm-without-pmu.csv'))
  expect(report.events.filter(({ counted }) => counted).map(({ event }) => event)).toEqual([
    'cpu-clock',
    'context-switches',
    'cpu-migrations',
    'page-faults',
  ])
  expect(report.extras.every(({ by }) => by === null)).toBe(true)
  expect(report.advice).toEqual([
    expect.stringMatching(/^There are no hardware counters: in a virtual machine/),
  ])
  expect(processes).toBe(2)
})

it('says why memory bandwidth is missing where only some cores are counted', async () => {
  const { report } = await explain(read('intel-server.csv'), '0-3')
  expect(report.advice).toEqual([
    'Memory bandwidth belongs to the socket and is measured only with perf_events_cpu_cores set to all.',
  ])
})

it('says why there is no IPC where the group gets no counters', async () => {
  const { report } = await explain(read('intel-server.csv'), 'all', {
    answer: (args) =>
      args.includes('{cycles,instructions}')
        ? { log: '<not counted>,,cycles,0,0.00,,\n<not counted>,,instructions,0,0.00,,\n' }
        : undefined,
  })
  expect(report.ipc).toBe(false)
  expect(report.advice).toEqual([
    expect.stringMatching(/^Cycles and instructions cannot be counted/),
  ])
})

it('gives the one reason where nothing works', async () => {
  const { report } = await explain('', 'all', {
    answer: () => ({ end: { code: null, missing: true } }),
  })
  const why = expect.stringMatching(/^perf is not installed\./)
  expect(report).toEqual({
    available: false,
    reason: why,
    version: null,
    paranoid: 1,
    vendor: 'intel',
    events: PERF_EVENTS.map((event) => ({ event, counted: false, why })),
    ipc: false,
    extras: [],
    advice: [],
  })
})
