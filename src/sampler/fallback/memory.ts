import { row, type Collector } from '../collector.ts'
import { percent } from '../rates.ts'
import { count, DEADLINE_MS, number, ok, type FallbackDeps } from './source.ts'

export const openMemory = ({ source, platform }: FallbackDeps): Collector => ({
  metric: 'memory',
  deadlineMs: DEADLINE_MS,
  collect: async () => {
    const memory = await source.mem()
    const total = count(memory.total)
    const available = number(memory.available)
    const used = total === null || available === null ? null : Math.max(0, total - available)
    const swapTotal = number(memory.swaptotal)
    const swapUsed = number(memory.swapused)
    return ok([
      row('memory', {
        usage_percent: used === null || total === null ? null : percent(used, total),
        total_bytes: total,
        used_bytes: used,
        available_bytes: available,
        // Windows: not told apart, and given as 0
        cached_bytes: platform === 'win32' ? null : number(memory.buffcache),
        buffers_bytes: null,
        shared_bytes: null,
        swap_used_bytes: swapUsed,
        swap_total_bytes: swapTotal,
        swap_free_bytes: number(memory.swapfree),
        swap_percent:
          swapTotal === null || swapUsed === null
            ? null
            : swapTotal === 0
              ? 0
              : percent(swapUsed, swapTotal),
        hugepages_total: null,
        hugepages_free: null,
      }),
    ])
  },
})
