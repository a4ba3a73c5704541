import type { Row } from '../../../points/sample.ts'
import type { Activity } from '../activity.ts'
import { rounded, type Random } from '../random.ts'
import type { DiskState } from './state.ts'

const PAGE = 4_096

/** Paging: follows the disks, since that is where pages come from. */
export const makeMemoryBandwidth =
  (random: Random) =>
  ({ cpu, io }: Activity, { readBytes, writeBytes }: DiskState): readonly Row[] => {
    const pagedIn = rounded((readBytes / 1024) * random.between(0.9, 1), 1)
    const pagedOut = rounded((writeBytes / 1024) * random.between(0.85, 0.98), 1)
    const swapping = io > 0.6 && random.next() < 0.2
    const swappedIn = swapping ? rounded(random.between(1, 60), 1) : 0
    const swappedOut = swapping ? rounded(random.between(1, 90), 1) : 0
    return [
      {
        measurement: 'memory_bandwidth',
        fields: {
          pgpgin_per_sec: pagedIn,
          pgpgout_per_sec: pagedOut,
          pswpin_per_sec: swappedIn,
          pswpout_per_sec: swappedOut,
          page_io_bytes_per_sec: rounded((pagedIn + pagedOut) * 1024, 1),
          swap_io_bytes_per_sec: rounded((swappedIn + swappedOut) * PAGE, 1),
          pgfault_per_sec: rounded((900 + 14_000 * cpu) * random.between(0.85, 1.15), 1),
          pgmajfault_per_sec: rounded(6 * io * random.between(0, 2), 1),
        },
      },
    ]
  }
