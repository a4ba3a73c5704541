import { row, type Collector } from '../collector.ts'
import type { HostFiles } from '../host-files.ts'
import { parseDiskstats, SECTOR_BYTES, type DiskCounters } from '../procfs/diskstats.ts'
import { growth, percent, perSecond, rounded, sinceLast, sumKnown } from '../rates.ts'
import type { Timers } from '../timers.ts'
import { openFileSystems, type FileSystems } from './file-systems.ts'
import { openWholeDisks } from './whole-disks.ts'

type Counter = Exclude<keyof DiskCounters, 'name'>

export const openDisk = ({
  files,
  timers,
}: {
  readonly files: HostFiles
  readonly timers: Timers
}): Collector & Pick<FileSystems, 'stuck'> => {
  const isWholeDisk = openWholeDisks(files)
  const fileSystems = openFileSystems({ files, timers })
  const since = sinceLast<ReadonlyMap<string, DiskCounters>>()

  return {
    metric: 'disk',
    stuck: fileSystems.stuck,
    collect: async (tick) => {
      const disks = parseDiskstats(files.read('proc/diskstats'), isWholeDisk)
      const now = new Map(disks.map((disk) => [disk.name, disk]))
      const { before, elapsedMs } = since(now, tick.monotonicMs)
      const grown = (disk: DiskCounters, counter: Counter, times = 1) => {
        const count = growth(before?.get(disk.name)?.[counter], disk[counter])
        return count === null ? null : count * times
      }
      const rate = (disk: DiskCounters, counter: Counter, times = 1) =>
        perSecond(grown(disk, counter, times), elapsedMs)
      const all = (counter: Counter) =>
        perSecond(sumKnown(disks.map((disk) => grown(disk, counter, SECTOR_BYTES))), elapsedMs)

      return {
        kind: 'ok',
        rows: [
          row('disk', {
            read_bytes_per_sec: all('sectorsRead'),
            write_bytes_per_sec: all('sectorsWritten'),
          }),
          ...disks.map((disk) =>
            row(
              'disk_device',
              {
                read_bytes_per_sec: rate(disk, 'sectorsRead', SECTOR_BYTES),
                write_bytes_per_sec: rate(disk, 'sectorsWritten', SECTOR_BYTES),
                read_iops: rate(disk, 'reads'),
                write_iops: rate(disk, 'writes'),
                read_latency_ms: mean(grown(disk, 'msReading'), grown(disk, 'reads')),
                write_latency_ms: mean(grown(disk, 'msWriting'), grown(disk, 'writes')),
                busy_percent: percentOf(grown(disk, 'msBusy'), elapsedMs),
              },
              disk.name,
            ),
          ),
          // last: the counters above are of the moment of the tick, however long a mount takes to answer
          ...(await fileSystems.usage()),
        ],
      }
    },
  }
}

const mean = (ms: number | null, count: number | null): number | null =>
  ms === null || count === null || count === 0 ? null : rounded(ms / count, 3)

/** The kernel's clock for this runs on its own ticks: a busy disk can show a little more than 100. */
const percentOf = (ms: number | null, elapsedMs: number): number | null =>
  ms === null ? null : percent(ms, elapsedMs)
