import type { Clock } from '../points/clock.ts'
import type { Collector } from './collector.ts'
import { openCpu } from './collectors/cpu.ts'
import { openDisk } from './collectors/disk.ts'
import { openHost } from './collectors/host.ts'
import { openMemoryBandwidth } from './collectors/memory-bandwidth.ts'
import { openMemory } from './collectors/memory.ts'
import { openNetwork } from './collectors/network.ts'
import { openPressure } from './collectors/pressure.ts'
import type { HostFiles } from './host-files.ts'
import { perTick } from './per-tick.ts'
import { parseLoadAverage } from './procfs/loadavg.ts'
import { pageBytes } from './procfs/page-size.ts'
import { parseStat } from './procfs/stat.ts'
import type { Timers } from './timers.ts'

export type OpenCollectors = {
  readonly collectors: readonly Collector[]
  /**
   * Mount points whose file system was asked and does not answer. `process.exit` waits for such calls for ever:
   * where there is one, a process that has closed everything ends by killing itself.
   */
  stuck(): readonly string[]
  /** Closes all of them, `extra` too, and the host's files. */
  close(): void
}

/** The collectors that read `/proc` and `/sys`, and those that are given as `extra`. Adding one is one line. */
export const openCollectors = ({
  files,
  clock,
  timers,
  interfacesExclude,
  page = pageBytes(),
  extra = [],
}: {
  readonly files: HostFiles
  readonly clock: Pick<Clock, 'monotonic'>
  readonly timers: Timers
  /** Network interfaces that are not shown: globs, separated by commas. */
  readonly interfacesExclude: string
  /** Bytes of a memory page. */
  readonly page?: number
  readonly extra?: readonly Collector[]
}): OpenCollectors => {
  const stat = perTick(() => parseStat(files.read('proc/stat')))
  const loadAverage = perTick(() => parseLoadAverage(files.read('proc/loadavg')))
  const { monotonic } = clock
  const disk = openDisk({ files, timers })
  const own = [
    openCpu({ files, monotonic, stat, loadAverage }),
    openMemory({ files }),
    openNetwork({ files, interfacesExclude }),
    disk,
    openMemoryBandwidth({ files, pageBytes: page }),
    openPressure({ files }),
    openHost({ files, stat, loadAverage }),
  ] satisfies readonly Collector[]
  const collectors = [...own, ...extra]
  return {
    collectors,
    stuck: disk.stuck,
    close: () => {
      for (const collector of collectors) collector.close?.()
      files.close()
    },
  }
}
