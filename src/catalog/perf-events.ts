import type { Field, Metric } from './metric.ts'

/** The 17 events of the wire contract, in its order; kernel events need no hardware counters. */
export const PERF_EVENTS = [
  'cpu-clock',
  'context-switches',
  'cpu-migrations',
  'page-faults',
  'cycles',
  'instructions',
  'branches',
  'branch-misses',
  'L1-dcache-loads',
  'L1-dcache-load-misses',
  'LLC-loads',
  'LLC-load-misses',
  'L1-icache-loads',
  'dTLB-loads',
  'dTLB-load-misses',
  'iTLB-loads',
  'iTLB-load-misses',
] as const
export type PerfEvent = (typeof PERF_EVENTS)[number]

/** The event's name as a field of the store. */
export const perfField = (event: PerfEvent): string => event.toLowerCase().replaceAll('-', '_')

/** Events that the seed's `perf` object shows too, under its own name. */
const shownAs: Partial<Record<PerfEvent, string>> = {
  cycles: 'cycles',
  instructions: 'instructions',
}

const eventField = (event: PerfEvent): Field => {
  const name = shownAs[event]
  const own = ['perf_events', 'events', event]
  const clock = event === 'cpu-clock'
  return {
    unit: clock ? 'ms/s' : 'count/s',
    fold: 'mean',
    help: clock
      ? 'CPU time of the counted processors, milliseconds per second'
      : `${event} per second, scaled by perf`,
    json: name === undefined ? [own] : [own, ['perf', name]],
    jsonUnit: clock ? 'ms/s' : 'count/s',
  }
}

const perfOnly = (name: string, unit: Field['unit'], help: string): Field => ({
  unit,
  fold: 'mean',
  help,
  json: [['perf', name]],
})

export const perfEvents = {
  name: 'perf_events',
  title: 'Hardware counters',
  help: 'Counts per second from one long-lived `perf stat`; null where the processor, the kernel or the rights forbid it.',
  listed: 'contract',
  objects: ['perf', 'perf_events'],
  availability: ['perf', 'perf_events'],
  facts: [
    ['perf_events', 'cpu_cores'],
    ['perf_events', 'interval_ms'],
  ],
  primary: [
    { measurement: 'perf', fields: ['ipc'] },
    { measurement: 'perf', fields: ['cpu_clock'] },
  ],
  series: [
    {
      measurement: 'perf',
      layout: { kind: 'object', at: [] },
      fields: {
        ipc: perfOnly('ipc', 'ratio', 'Instructions per cycle, from one event group'),
        ...Object.fromEntries(PERF_EVENTS.map((event) => [perfField(event), eventField(event)])),
        l1i_cache_misses: perfOnly('l1i_cache_misses', 'count/s', 'L1 instruction cache misses'),
        l1d_cache_misses: perfOnly('l1d_cache_misses', 'count/s', 'L1 data cache load misses'),
        l2_cache_misses: perfOnly('l2_cache_misses', 'count/s', 'L2 cache misses'),
        llc_misses: perfOnly('llc_misses', 'count/s', 'Last level cache load misses'),
        memory_bandwidth_read_mbps: perfOnly(
          'memory_bandwidth_read_mbps',
          'MB/s',
          'Read from memory, by the uncore counters',
        ),
        memory_bandwidth_write_mbps: perfOnly(
          'memory_bandwidth_write_mbps',
          'MB/s',
          'Written to memory, by the uncore counters',
        ),
      },
    },
  ],
} as const satisfies Metric
