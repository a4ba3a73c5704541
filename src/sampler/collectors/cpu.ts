import type { Row } from '../../points/sample.ts'
import { row, type Collector, type Tick } from '../collector.ts'
import { openGlance } from '../glance.ts'
import type { HostFiles, HostPath } from '../host-files.ts'
import { temperatureFiles } from '../procfs/hwmon.ts'
import type { LoadAverage } from '../procfs/loadavg.ts'
import type { CpuTimes, Stat } from '../procfs/stat.ts'
import { readTopology } from '../procfs/topology.ts'
import { growth, known, perSecond, rounded, sinceLast } from '../rates.ts'
import { addTimes, sharesOf, timesBetween, type Times } from './cpu-times.ts'

/** What is read once, and again when other processors are online. */
type Layout = {
  readonly physicalCores: number | null
  readonly frequencies: readonly (HostPath | undefined)[]
  readonly temperatures: readonly (HostPath | undefined)[]
}

/**
 * Frequencies come from cpufreq only and are null without it, as in most virtual machines: `cpu MHz` of
 * `/proc/cpuinfo` is the nominal clock there, no measurement, and elsewhere the file costs milliseconds to make.
 */
export const openCpu = ({
  files,
  monotonic,
  stat,
  loadAverage,
}: {
  readonly files: HostFiles
  readonly monotonic: () => number
  readonly stat: (tick: Tick) => Stat
  readonly loadAverage: (tick: Tick) => LoadAverage
}): Collector => {
  const since = sinceLast<Stat>()
  const frequencies = openGlance(files, monotonic)
  const temperatures = openGlance(files, monotonic)
  let layout: Layout | undefined

  return {
    metric: 'cpu',
    collect: (tick) => {
      const now = stat(tick)
      const load = loadAverage(tick)
      const { before, elapsedMs } = since(now, tick.monotonicMs)
      const sameCores = before !== undefined && before.cores.length === now.cores.length
      if (layout === undefined || !sameCores || !sameOrder(before.cores, now.cores))
        layout = readLayout(files, now.cores)

      const times = timesByCore(before?.cores, now.cores)
      const mhz = frequencies(layout.frequencies)
      const celsius = temperatures(layout.temperatures)
      const all = sharesOf(addTimes(times))
      const rows: Row[] = [
        row('cpu', {
          ...all,
          interrupts: perSecond(growth(before?.interrupts, now.interrupts), elapsedMs),
          context_switches: perSecond(
            growth(before?.contextSwitches, now.contextSwitches),
            elapsedMs,
          ),
          load_avg_1: known(load.minutes1),
          load_avg_5: known(load.minutes5),
          load_avg_15: known(load.minutes15),
          core_count: now.cores.length === 0 ? null : now.cores.length,
          physical_cores: layout.physicalCores,
        }),
      ]
      now.cores.forEach(({ core }, index) => {
        rows.push(
          row(
            'cpu_core',
            {
              usage_percent: sharesOf(times[index] ?? null).usage_percent,
              frequency_mhz: rounded(thousandth(mhz[index]), 0),
              temperature_celsius: rounded(thousandth(celsius[index]), 1),
            },
            String(core),
          ),
        )
      })
      return { kind: 'ok', rows }
    },
  }
}

const readLayout = (files: HostFiles, cores: readonly CpuTimes[]): Layout => {
  const { places, physicalCores } = readTopology(
    files,
    cores.map(({ core }) => core),
  )
  return {
    physicalCores,
    frequencies: places.map(({ core }) => {
      const path: HostPath = `sys/devices/system/cpu/cpu${core}/cpufreq/scaling_cur_freq`
      return files.exists(path) ? path : undefined
    }),
    temperatures: temperatureFiles(files, places),
  }
}

const sameOrder = (before: readonly CpuTimes[], now: readonly CpuTimes[]): boolean =>
  now.every(({ core }, index) => before[index]?.core === core)

/** What each processor did since the last sample; null for one that was not online then. */
const timesByCore = (
  before: readonly CpuTimes[] | undefined,
  now: readonly CpuTimes[],
): readonly (Times | null)[] => {
  if (before === undefined) return now.map(() => null)
  const byCore = new Map(before.map((times) => [times.core, times]))
  return now.map((times) => timesBetween(byCore.get(times.core), times))
}

const thousandth = (value: number | null | undefined): number | null =>
  value === null || value === undefined ? null : value / 1_000
