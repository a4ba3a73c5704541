import type { Row } from '../../../points/sample.ts'
import type { Activity } from '../activity.ts'
import { clamp, pages, rounded, wander, type Random } from '../random.ts'
import type { HostShape } from '../shape.ts'

/** Memory: a working set that follows the load slowly, a page cache that takes what is left. */
export const makeMemory = (random: Random, { memoryBytes, swapBytes }: HostShape) => {
  const drift = wander(random, { mean: 0, deviation: 0.035, memorySeconds: 6 * 3_600 })
  const jitter = wander(random, { mean: 0, deviation: 0.004, memorySeconds: 60 })
  let workingSet = 0.36
  let cache = 0.3
  let swapped = 0.02
  return ({ cpu, io, dtSeconds }: Activity): readonly Row[] => {
    workingSet += (0.32 + 0.3 * cpu - workingSet) * (1 - Math.exp(-dtSeconds / 1_500))
    const used = clamp(workingSet + drift(dtSeconds) + jitter(dtSeconds), 0.08, 0.94)
    cache += (0.18 + 0.5 * io + 0.12 - cache) * (1 - Math.exp(-dtSeconds / 3_600))
    const cached = clamp(cache, 0.02, (1 - used) * 0.92)
    swapped += (clamp((used - 0.6) * 0.8, 0.01, 0.6) - swapped) * (1 - Math.exp(-dtSeconds / 7_200))
    const usedBytes = pages(used * memoryBytes)
    const swapUsed = pages(swapped * swapBytes)
    return [
      {
        measurement: 'memory',
        fields: {
          usage_percent: rounded((usedBytes / memoryBytes) * 100, 2),
          total_bytes: memoryBytes,
          used_bytes: usedBytes,
          available_bytes: memoryBytes - usedBytes,
          cached_bytes: pages(cached * memoryBytes),
          buffers_bytes: pages(0.012 * memoryBytes * (1 + io * 0.2)),
          shared_bytes: pages(0.02 * memoryBytes * (1 + used * 0.1)),
          swap_used_bytes: swapUsed,
          swap_total_bytes: swapBytes,
          swap_free_bytes: swapBytes - swapUsed,
          swap_percent: swapBytes === 0 ? 0 : rounded((swapUsed / swapBytes) * 100, 2),
          hugepages_total: 0,
          hugepages_free: 0,
        },
      },
    ]
  }
}
