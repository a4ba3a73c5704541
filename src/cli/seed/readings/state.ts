/** What the processors did in the step; the hardware counters follow from it. */
export type CpuState = { readonly busyPercent: number; readonly frequencyMhz: number }

/** What the disks moved, bytes per second; paging follows from it. */
export type DiskState = { readonly readBytes: number; readonly writeBytes: number }
