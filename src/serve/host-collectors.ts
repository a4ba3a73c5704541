import type { Config } from '../accounts/config.ts'
import type { Clock } from '../points/clock.ts'
import type { Collector } from '../sampler/collector.ts'
import { fallbackCollectors, loadFallbackSource, needsFallback } from '../sampler/fallback.ts'
import { openHostFiles } from '../sampler/host-files.ts'
import { openCollectors } from '../sampler/open-collectors.ts'
import { perfCollector, type PerfConfig } from '../sampler/perf/perf-collector.ts'
import { readPerfHost } from '../sampler/perf/perf-host.ts'
import { launchPerf } from '../sampler/perf/perf-process.ts'
import type { Timers } from '../sampler/timers.ts'
import type { Settings } from '../settings.ts'

export type HostCollectors = {
  readonly collectors: readonly Collector[]
  reconfigure(config: Config): void
  /** Mount points whose file system hangs: `process.exit` would wait for them for ever. */
  stuck(): readonly string[]
  close(): Promise<void>
}

/** Everything that measures this host: `/proc` and perf, or what there is instead on other systems. */
export const openHostCollectors = async (
  settings: Settings,
  config: Config,
  { clock, timers }: { readonly clock: Clock; readonly timers: Timers },
): Promise<HostCollectors> => {
  const files = openHostFiles({
    proc: settings.HOST_PROC,
    sys: settings.HOST_SYS,
    root: settings.HOST_ROOT,
  })
  const perf = perfCollector(
    { launch: launchPerf(), clock, timers, readHost: () => readPerfHost(files, process.platform) },
    perfConfig(config),
  )
  const { platform } = process
  const opened = needsFallback(platform, files)
    ? {
        collectors: [
          ...fallbackCollectors({ source: await loadFallbackSource(), platform }),
          perf,
        ] satisfies readonly Collector[],
        stuck: () => [],
        close: () => files.close(),
      }
    : openCollectors({
        files,
        clock,
        timers,
        interfacesExclude: settings.INTERFACES_EXCLUDE,
        extra: [perf],
      })
  return {
    collectors: opened.collectors,
    reconfigure: (next) => perf.reconfigure(perfConfig(next)),
    stuck: opened.stuck,
    close: async () => {
      await perf.close()
      opened.close()
    },
  }
}

const perfConfig = (config: Config): PerfConfig => ({
  enabled: config.perf_events_enabled,
  cpuCores: config.perf_events_cpu_cores,
  intervalMs: config.perf_events_interval_ms,
})
