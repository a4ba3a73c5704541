import type { HostFiles } from '../host-files.ts'

/** Whose event names the processor's tables use. */
export type Vendor = 'intel' | 'amd' | 'arm' | 'other'

/** What of the machine decides which events there are and who may count them. */
export type PerfHost = {
  readonly platform: string
  readonly vendor: Vendor
  /** Two kinds of cores, each with counters of its own (cpu_core and cpu_atom). */
  readonly hybrid: boolean
  /** kernel.perf_event_paranoid; null where it cannot be read. */
  readonly paranoid: number | null
}

/** Asked at each start of perf: the rights may have been changed since. */
export const readPerfHost = (
  files: Pick<HostFiles, 'readOnce' | 'exists'>,
  platform: string,
): PerfHost => ({
  platform,
  vendor: vendorOf(files.readOnce('proc/cpuinfo') ?? ''),
  hybrid: files.exists('sys/bus/event_source/devices/cpu_atom'),
  paranoid: integerOf(files.readOnce('proc/sys/kernel/perf_event_paranoid') ?? ''),
})

/** The vendor by /proc/cpuinfo: `vendor_id` on x86, `CPU implementer` on ARM. */
export const vendorOf = (cpuinfo: string): Vendor => {
  const id = /^vendor_id\s*:\s*(\S+)/m.exec(cpuinfo)?.[1]
  if (id === 'GenuineIntel') return 'intel'
  if (id === 'AuthenticAMD') return 'amd'
  return /^CPU implementer\s*:/m.test(cpuinfo) ? 'arm' : 'other'
}

const integerOf = (text: string): number | null =>
  /^-?\d+\s*$/.test(text) ? Number.parseInt(text, 10) : null
