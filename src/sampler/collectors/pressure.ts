import { row, type Collector } from '../collector.ts'
import type { HostFiles } from '../host-files.ts'
import { known } from '../rates.ts'
import { after, scan } from '../scan.ts'

const NO_PSI =
  'The kernel has no PSI: it needs Linux 4.20 or later, built with CONFIG_PSI and not started with psi=0.'

export const openPressure = ({ files }: { readonly files: HostFiles }): Collector => ({
  metric: 'pressure',
  collect: () => {
    const cpu = files.tryRead('proc/pressure/cpu')
    const memory = files.tryRead('proc/pressure/memory')
    const io = files.tryRead('proc/pressure/io')
    if (cpu === undefined && memory === undefined && io === undefined)
      return { kind: 'unavailable', reason: NO_PSI }
    return {
      kind: 'ok',
      rows: [
        row('pressure', {
          cpu_some: average10(cpu, 'some '),
          memory_some: average10(memory, 'some '),
          memory_full: average10(memory, 'full '),
          io_some: average10(io, 'some '),
          io_full: average10(io, 'full '),
        }),
      ],
    }
  },
})

/** `some avg10=3.04 avg60=1.29 avg300=0.55 total=7364397`: the share of the last 10 seconds, in percent. */
const average10 = (text: string | undefined, line: 'some ' | 'full '): number | null => {
  if (text === undefined) return null
  const label = `${line}avg10=`
  const from = after(text, label)
  return from === -1 ? null : known(scan(text, from).number())
}
