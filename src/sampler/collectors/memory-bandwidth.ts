import { row, type Collector } from '../collector.ts'
import type { HostFiles } from '../host-files.ts'
import { growth, perSecond, sinceLast } from '../rates.ts'
import { numberAfter } from '../scan.ts'

/** The kernel counts paging in KiB, whatever the page size. */
const KIB = 1_024

const read = (text: string) => ({
  pagedIn: numberAfter(text, 'pgpgin '),
  pagedOut: numberAfter(text, 'pgpgout '),
  swappedIn: numberAfter(text, 'pswpin '),
  swappedOut: numberAfter(text, 'pswpout '),
  faults: numberAfter(text, 'pgfault '),
  majorFaults: numberAfter(text, 'pgmajfault '),
})

/** `pageBytes`: of a memory page of this machine; swapping is counted in pages. */
export const openMemoryBandwidth = ({
  files,
  pageBytes,
}: {
  readonly files: HostFiles
  readonly pageBytes: number
}): Collector => {
  const since = sinceLast<ReturnType<typeof read>>()
  return {
    metric: 'memory_bandwidth',
    collect: (tick) => {
      const now = read(files.read('proc/vmstat'))
      const { before, elapsedMs } = since(now, tick.monotonicMs)
      const grown = (counter: keyof typeof now, bytes = 1) => {
        const count = growth(before?.[counter], now[counter])
        return count === null ? null : count * bytes
      }
      const rate = (...parts: readonly (number | null)[]) =>
        perSecond(
          parts.reduce((sum, part) => (sum === null || part === null ? null : sum + part), 0),
          elapsedMs,
        )
      return {
        kind: 'ok',
        rows: [
          row('memory_bandwidth', {
            pgpgin_per_sec: rate(grown('pagedIn')),
            pgpgout_per_sec: rate(grown('pagedOut')),
            pswpin_per_sec: rate(grown('swappedIn')),
            pswpout_per_sec: rate(grown('swappedOut')),
            page_io_bytes_per_sec: rate(grown('pagedIn', KIB), grown('pagedOut', KIB)),
            swap_io_bytes_per_sec: rate(
              grown('swappedIn', pageBytes),
              grown('swappedOut', pageBytes),
            ),
            pgfault_per_sec: rate(grown('faults')),
            pgmajfault_per_sec: rate(grown('majorFaults')),
          }),
        ],
      }
    },
  }
}
