import type { MetricName } from '../catalog/catalog.ts'
import { row, type Collector } from './collector.ts'
import { openCpu } from './fallback/cpu.ts'
import { openDisk } from './fallback/disk.ts'
import { openMemory } from './fallback/memory.ts'
import { openNetwork } from './fallback/network.ts'
import { number, ok, type FallbackDeps, type FallbackSource } from './fallback/source.ts'
import type { HostFiles } from './host-files.ts'
import { rounded } from './rates.ts'

/** Without `/proc` the other collectors have nothing to read. On Linux that is a wrong HOST_PROC, and theirs to report. */
export const needsFallback = (platform: string, files: Pick<HostFiles, 'exists'>): boolean =>
  platform !== 'linux' && !files.exists('proc/stat')

/** Loaded only where it is needed: it is large. */
export const loadFallbackSource = async (): Promise<FallbackSource> =>
  (await import('systeminformation')).default

/**
 * Collectors for systems without `/proc` (macOS, BSD, Windows). They fill the same rows as far as systeminformation
 * knows and start processes of their own, so they are slower and cost more; what it cannot know is null.
 */
export const fallbackCollectors = (deps: FallbackDeps): readonly Collector[] => [
  openCpu(deps),
  openMemory(deps),
  openNetwork(deps),
  openDisk(deps),
  openHost(deps),
  linuxOnly(
    'memory_bandwidth',
    'Paging is read from /proc/vmstat, which this system does not have.',
  ),
  linuxOnly('pressure', 'Pressure is read from /proc/pressure, which this system does not have.'),
]

const openHost = ({ source }: FallbackDeps): Collector => ({
  metric: 'host',
  collect: () =>
    ok([
      row('host', {
        uptime_seconds: rounded(number(source.time().uptime), 0),
        processes_total: null,
        processes_running: null,
        processes_blocked: null,
        forks_per_sec: null,
        file_handles_used: null,
        file_handles_limit: null,
      }),
    ]),
})

const linuxOnly = (metric: MetricName, reason: string): Collector => ({
  metric,
  collect: () => ({ kind: 'unavailable', reason }),
})
