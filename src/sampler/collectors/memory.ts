import { row, type Collector } from '../collector.ts'
import type { HostFiles } from '../host-files.ts'
import { known, percent } from '../rates.ts'
import { numberAfter } from '../scan.ts'

export const openMemory = ({ files }: { readonly files: HostFiles }): Collector => ({
  metric: 'memory',
  collect: () => {
    const text = files.read('proc/meminfo')
    const bytes = (label: string) => numberAfter(text, label) * 1_024
    const total = bytes('MemTotal:')
    const available = availableBytes(bytes)
    // lxcfs can show more available than there is
    const used = Math.max(0, total - available)
    const swapTotal = bytes('SwapTotal:')
    const swapFree = bytes('SwapFree:')
    return {
      kind: 'ok',
      rows: [
        row('memory', {
          usage_percent: percent(used, total),
          total_bytes: known(total),
          used_bytes: known(used),
          available_bytes: known(available),
          cached_bytes: known(bytes('Cached:') + orNone(bytes('SReclaimable:'))),
          buffers_bytes: known(bytes('Buffers:')),
          shared_bytes: known(bytes('Shmem:')),
          swap_used_bytes: known(swapTotal - swapFree),
          swap_total_bytes: known(swapTotal),
          swap_free_bytes: known(swapFree),
          swap_percent: swapTotal === 0 ? 0 : percent(swapTotal - swapFree, swapTotal),
          hugepages_total: known(numberAfter(text, 'HugePages_Total:')),
          hugepages_free: known(numberAfter(text, 'HugePages_Free:')),
        }),
      ],
    }
  },
})

/**
 * `MemAvailable`; before Linux 3.14 there is none, and it is estimated as what is free or could be freed: page cache,
 * buffers, reclaimable slabs, without tmpfs, which is counted as cache and cannot be dropped.
 */
const availableBytes = (bytes: (label: string) => number): number => {
  const told = bytes('MemAvailable:')
  if (!Number.isNaN(told)) return told
  const cache = bytes('Cached:') + orNone(bytes('SReclaimable:')) - orNone(bytes('Shmem:'))
  return bytes('MemFree:') + bytes('Buffers:') + Math.max(0, cache)
}

const orNone = (bytes: number): number => (Number.isNaN(bytes) ? 0 : bytes)
