import { DEFAULT_CONFIG } from '../accounts/config.ts'
import { systemClock } from '../points/clock.ts'
import type { Reading, Sample } from '../points/sample.ts'
import { openHostFiles } from '../sampler/host-files.ts'
import { explainPerf, type PerfReport } from '../sampler/perf/doctor.ts'
import { readPerfHost } from '../sampler/perf/perf-host.ts'
import { launchPerf } from '../sampler/perf/perf-process.ts'
import { sampleOnce } from '../sampler/sample-once.ts'
import { startSampler } from '../sampler/sampler.ts'
import { systemTimers } from '../sampler/timers.ts'
import { openHostCollectors, type HostCollectors } from '../serve/host-collectors.ts'
import { machineName, type Settings } from '../settings.ts'

const clock = systemClock
const timers = systemTimers

const nameOf = (settings: Settings): string => settings.HOST_NAME ?? machineName()

/** perf needs seconds to find out what it can count: too long for one sample. */
const PERF_LATER: Reading = {
  kind: 'unavailable',
  reason:
    'they take a few seconds to start; --watch shows them, and perfwatch doctor says what there is',
}

/** One sample of this host, with rates, without hardware counters. */
export const takeSample = async (settings: Settings): Promise<Sample> => {
  const opened = await openHostCollectors(
    settings,
    { ...DEFAULT_CONFIG, perf_events_enabled: false },
    { clock, timers },
  )
  try {
    const { collectors } = opened
    const sample = await sampleOnce({ clock, timers, host: nameOf(settings), collectors })
    return { ...sample, readings: { ...sample.readings, perf_events: PERF_LATER } }
  } finally {
    await close(opened)
  }
}

/** Samples this host until the returned function is called, which resolves when nothing of it is left. */
export const watchHost = async (
  settings: Settings,
  intervalMs: number,
  onSample: (sample: Sample) => void,
): Promise<() => Promise<void>> => {
  const opened = await openHostCollectors(
    settings,
    { ...DEFAULT_CONFIG, perf_events_interval_ms: Math.max(100, Math.min(1_000, intervalMs)) },
    { clock, timers },
  )
  const sampler = startSampler({
    clock,
    timers,
    intervalMs,
    host: nameOf(settings),
    collectors: opened.collectors,
    newest: null,
    onSample,
  })
  return async () => {
    await sampler.stop()
    await close(opened)
  }
}

/** Time for what was found to be written out before the process ends the hard way. */
const GRACE_MS = 500

const close = async (opened: HostCollectors): Promise<void> => {
  const stuck = opened.stuck()
  await opened.close()
  // a thread waits in the kernel for a dead file system, and a normal end would wait for the thread
  if (stuck.length > 0) setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE_MS).unref()
}

/** What `perf` can count here, and why not more. */
export const perfReport = async (settings: Settings): Promise<PerfReport> => {
  const files = openHostFiles({
    proc: settings.HOST_PROC,
    sys: settings.HOST_SYS,
    root: settings.HOST_ROOT,
  })
  try {
    return await explainPerf({
      launch: launchPerf(),
      timers,
      readHost: () => readPerfHost(files, process.platform),
    })
  } finally {
    files.close()
  }
}
