import type { Row } from '../../../points/sample.ts'
import type { Activity } from '../activity.ts'
import { clamp, rounded, wander, type Random } from '../random.ts'
import type { HostShape } from '../shape.ts'
import type { CpuState } from './state.ts'

const LEAST_MHZ = 1_200
const MOST_MHZ = 3_600

/** The processors: usage is the mean of the cores, so the two can never disagree. */
export const makeCpu = (random: Random, { cores }: HostShape) => {
  const leaning = Array.from({ length: cores }, () => random.between(0.75, 1.25))
  const jitter = leaning.map(() => wander(random, { mean: 0, deviation: 4, memorySeconds: 12 }))
  const heat = leaning.map(() => 42 + random.between(-2, 2))
  const loads = [60, 300, 900].map((memorySeconds) => ({ memorySeconds, value: 0.4 }))
  const mean = leaning.reduce((sum, one) => sum + one, 0) / cores
  return ({
    cpu,
    io,
    dtSeconds,
  }: Activity): { readonly rows: readonly Row[]; readonly state: CpuState } => {
    const busy = leaning.map((lean, core) =>
      rounded(clamp((cpu * 100 * lean) / mean + (jitter[core]?.(dtSeconds) ?? 0), 0, 100), 2),
    )
    const usage = rounded(busy.reduce((sum, one) => sum + one, 0) / cores, 2)
    const iowait = rounded(Math.min(100 - usage, io * 9 * random.between(0.6, 1.4)), 2)
    const softirq = rounded(usage * random.between(0.02, 0.04), 2)
    const steal = rounded(usage * random.between(0, 0.01), 2)
    const system = rounded((usage - softirq - steal) * random.between(0.22, 0.28), 2)
    for (const load of loads) {
      const kept = Math.exp(-dtSeconds / load.memorySeconds)
      load.value = load.value * kept + ((usage + iowait) / 100) * cores * 1.1 * (1 - kept)
    }
    const frequency = busy.map((one) =>
      Math.round(
        clamp(
          LEAST_MHZ + (MOST_MHZ - LEAST_MHZ) * Math.sqrt(one / 100) + 40 * random.normal(),
          LEAST_MHZ,
          MOST_MHZ,
        ),
      ),
    )
    const perCore = busy.map((one, core): Row => {
      const before = heat[core] ?? 42
      // metal warms slowly
      const after = before + (40 + one * 0.38 - before) * (1 - Math.exp(-dtSeconds / 25))
      heat[core] = after
      return {
        measurement: 'cpu_core',
        key: String(core),
        fields: {
          usage_percent: one,
          frequency_mhz: frequency[core] ?? LEAST_MHZ,
          temperature_celsius: Math.round(after),
        },
      }
    })
    const total: Row = {
      measurement: 'cpu',
      fields: {
        usage_percent: usage,
        user: rounded(usage - softirq - steal - system, 2),
        system,
        idle: rounded(100 - usage - iowait, 2),
        iowait,
        steal,
        softirq,
        interrupts: Math.round(cores * (140 + usage * 32) * random.between(0.95, 1.05)),
        context_switches: Math.round(cores * (260 + usage * 75) * random.between(0.93, 1.07)),
        load_avg_1: rounded(loads[0]?.value ?? 0, 2),
        load_avg_5: rounded(loads[1]?.value ?? 0, 2),
        load_avg_15: rounded(loads[2]?.value ?? 0, 2),
        core_count: cores,
        physical_cores: Math.max(1, Math.round(cores / 2)),
      },
    }
    const frequencyMhz = frequency.reduce((sum, one) => sum + one, 0) / cores
    return { rows: [total, ...perCore], state: { busyPercent: usage, frequencyMhz } }
  }
}
