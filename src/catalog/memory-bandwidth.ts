import type { Metric } from './metric.ts'

export const memoryBandwidth = {
  name: 'memory_bandwidth',
  title: 'Paging and memory traffic',
  help: 'What moves between memory, disk and swap, from /proc/vmstat.',
  listed: 'contract',
  availability: ['memory_bandwidth'],
  primary: [{ measurement: 'memory_bandwidth', fields: ['page_io_bytes_per_sec'] }],
  series: [
    {
      measurement: 'memory_bandwidth',
      layout: { kind: 'object', at: [] },
      fields: {
        pgpgin_per_sec: { unit: 'count/s', fold: 'mean', help: 'KiB paged in from disk' },
        pgpgout_per_sec: { unit: 'count/s', fold: 'mean', help: 'KiB paged out to disk' },
        pswpin_per_sec: { unit: 'count/s', fold: 'mean', help: 'Pages swapped in' },
        pswpout_per_sec: { unit: 'count/s', fold: 'mean', help: 'Pages swapped out' },
        page_io_bytes_per_sec: {
          unit: 'bytes/s',
          fold: 'mean',
          help: 'Paged in and out, in bytes (the kernel counts KiB)',
        },
        swap_io_bytes_per_sec: {
          unit: 'bytes/s',
          fold: 'mean',
          help: 'Swapped in and out, in bytes (pages of the machine)',
        },
        pgfault_per_sec: { unit: 'count/s', fold: 'mean', help: 'Page faults' },
        pgmajfault_per_sec: {
          unit: 'count/s',
          fold: 'mean',
          help: 'Page faults that had to read from disk',
        },
      },
    },
  ],
} as const satisfies Metric
