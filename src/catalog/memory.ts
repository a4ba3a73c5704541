import type { Metric } from './metric.ts'

export const memory = {
  name: 'memory',
  title: 'Memory',
  help: 'Main memory and swap, from /proc/meminfo; used is total - available.',
  listed: 'contract',
  primary: [{ measurement: 'memory', fields: ['usage_percent'] }],
  series: [
    {
      measurement: 'memory',
      layout: { kind: 'object', at: [] },
      fields: {
        usage_percent: { unit: 'percent', fold: 'mean', help: 'used / total' },
        total_bytes: { unit: 'bytes', fold: 'last', help: 'Usable main memory' },
        used_bytes: { unit: 'bytes', fold: 'mean', help: 'total - available' },
        available_bytes: {
          unit: 'bytes',
          fold: 'mean',
          help: 'What a new process could get without swapping',
        },
        cached_bytes: {
          unit: 'bytes',
          fold: 'mean',
          help: 'Page cache and reclaimable slabs, as `free` counts it',
        },
        buffers_bytes: { unit: 'bytes', fold: 'mean', help: 'Block device buffers' },
        shared_bytes: { unit: 'bytes', fold: 'mean', help: 'tmpfs and shared memory' },
        swap_used_bytes: { unit: 'bytes', fold: 'mean', help: 'Swap in use' },
        swap_total_bytes: { unit: 'bytes', fold: 'last', help: 'Swap space' },
        swap_free_bytes: { unit: 'bytes', fold: 'mean', help: 'Swap not in use' },
        swap_percent: {
          unit: 'percent',
          fold: 'mean',
          help: 'Swap used / total; 0 where there is no swap',
        },
        hugepages_total: { unit: 'count', fold: 'last', help: 'Huge pages set aside' },
        hugepages_free: { unit: 'count', fold: 'mean', help: 'Huge pages not in use' },
      },
    },
  ],
} as const satisfies Metric
