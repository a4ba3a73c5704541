import { loadavg } from 'node:os'
import type { Row } from '../../points/sample.ts'
import { row, type Collector } from '../collector.ts'
import { percent, rounded, sumKnown } from '../rates.ts'
import { count, DEADLINE_MS, number, ok, type FallbackDeps } from './source.ts'

export const openCpu = ({ source, platform, loadAverage = loadavg }: FallbackDeps): Collector => {
  let physicalCores: Promise<number | null> | undefined
  let first = true
  return {
    metric: 'cpu',
    deadlineMs: DEADLINE_MS,
    collect: async () => {
      physicalCores ??= source.cpu().then(
        (cpu) => count(cpu.physicalCores),
        () => null,
      )
      const load = await source.currentLoad()
      // the first answer is the mean since boot
      const share = (...parts: readonly unknown[]) => (first ? null : sumOf(parts))
      const idle = share(load.currentLoadIdle)
      const cores = load.cpus ?? []
      // Windows has no load average: Node says 0 there
      const [load1, load5, load15] = platform === 'win32' ? [] : loadAverage()
      const rows: Row[] = [
        row('cpu', {
          usage_percent: idle === null ? null : percent(100 - idle, 100),
          user: share(load.currentLoadUser, load.currentLoadNice),
          system: share(load.currentLoadSystem, load.currentLoadIrq),
          idle,
          iowait: null,
          steal: null,
          softirq: null,
          interrupts: null,
          context_switches: null,
          load_avg_1: rounded(load1 ?? null, 2),
          load_avg_5: rounded(load5 ?? null, 2),
          load_avg_15: rounded(load15 ?? null, 2),
          core_count: count(cores.length),
          physical_cores: await physicalCores,
        }),
        ...cores.map((core, index) =>
          row(
            'cpu_core',
            {
              usage_percent: share(core.load),
              frequency_mhz: null,
              temperature_celsius: null,
            },
            String(index),
          ),
        ),
      ]
      first = false
      return ok(rows)
    },
  }
}

/** Shares in percent added up; null where one is unknown. */
const sumOf = (parts: readonly unknown[]): number | null => {
  const known = parts.map(number)
  return known.includes(null) ? null : percent(sumKnown(known) ?? 0, 100)
}
