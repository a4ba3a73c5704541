import { row, type Collector, type Tick } from '../collector.ts'
import type { HostFiles } from '../host-files.ts'
import type { LoadAverage } from '../procfs/loadavg.ts'
import type { Stat } from '../procfs/stat.ts'
import { growth, known, perSecond, sinceLast } from '../rates.ts'
import { scan } from '../scan.ts'

export const openHost = ({
  files,
  stat,
  loadAverage,
}: {
  readonly files: HostFiles
  readonly stat: (tick: Tick) => Stat
  readonly loadAverage: (tick: Tick) => LoadAverage
}): Collector => {
  const since = sinceLast<number>()
  return {
    metric: 'host',
    collect: (tick) => {
      const { forks, running, blocked } = stat(tick)
      const { before, elapsedMs } = since(forks, tick.monotonicMs)
      const handles = scan(files.tryRead('proc/sys/fs/file-nr') ?? '')
      const [allocated, unused, limit] = [handles.number(), handles.number(), handles.number()]
      return {
        kind: 'ok',
        rows: [
          row('host', {
            uptime_seconds: known(scan(files.read('proc/uptime')).number()),
            processes_total: known(loadAverage(tick).tasks),
            processes_running: known(running),
            processes_blocked: known(blocked),
            forks_per_sec: perSecond(growth(before, forks), elapsedMs),
            file_handles_used: known(allocated - unused),
            file_handles_limit: known(limit),
          }),
        ],
      }
    },
  }
}
