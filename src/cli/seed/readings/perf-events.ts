import { perfField, type PerfEvent } from '../../../catalog/perf-events.ts'
import type { Row } from '../../../points/sample.ts'
import type { Activity } from '../activity.ts'
import { rounded, wander, type Random } from '../random.ts'
import type { HostShape } from '../shape.ts'
import type { CpuState } from './state.ts'

/** Hardware counters as a busy processor of a few years ago would count them, per second. */
export const makePerfEvents = (random: Random, { cores }: HostShape) => {
  const perCycle = wander(random, { mean: 1.35, deviation: 0.18, memorySeconds: 300 })
  return ({ io, dtSeconds }: Activity, { busyPercent, frequencyMhz }: CpuState): readonly Row[] => {
    const busyCores = (busyPercent / 100) * cores
    const cycles = Math.round(busyCores * frequencyMhz * 1e6 * random.between(0.97, 1.03))
    const ipc = rounded(Math.max(0.35, perCycle(dtSeconds) - 0.3 * io), 2)
    const instructions = Math.round(cycles * ipc)
    const share = (part: number) => Math.round(instructions * part * random.between(0.9, 1.1))
    const loads = share(0.27)
    const lastLevel = share(0.004)
    const lastLevelMisses = Math.round(lastLevel * random.between(0.18, 0.3))
    const events: Readonly<Record<PerfEvent, number>> = {
      'cpu-clock': rounded(busyCores * 1_000, 1),
      'context-switches': Math.round(cores * (260 + busyPercent * 75)),
      'cpu-migrations': Math.round(cores * (2 + busyPercent * 0.5)),
      'page-faults': Math.round(300 + busyCores * 2_400 * random.between(0.8, 1.2)),
      cycles,
      instructions,
      branches: share(0.19),
      'branch-misses': share(0.0025),
      'L1-dcache-loads': loads,
      'L1-dcache-load-misses': Math.round(loads * random.between(0.02, 0.04)),
      'LLC-loads': lastLevel,
      'LLC-load-misses': lastLevelMisses,
      'L1-icache-loads': share(0.11),
      'dTLB-loads': loads,
      'dTLB-load-misses': Math.round(loads * random.between(0.0008, 0.0016)),
      'iTLB-loads': share(0.0011),
      'iTLB-load-misses': share(0.0001),
    }
    const fields: Record<string, number> = {
      ipc,
      l1i_cache_misses: share(0.0012),
      l1d_cache_misses: events['L1-dcache-load-misses'],
      l2_cache_misses: share(0.0045),
      llc_misses: lastLevelMisses,
      memory_bandwidth_read_mbps: rounded((lastLevelMisses * 64) / 1e6 + 60, 1),
      memory_bandwidth_write_mbps: rounded((lastLevelMisses * 64 * 0.45) / 1e6 + 25, 1),
    }
    for (const [event, value] of Object.entries(events))
      fields[perfField(event as PerfEvent)] = value
    return [{ measurement: 'perf', fields }]
  }
}
