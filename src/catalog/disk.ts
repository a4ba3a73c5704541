import type { Metric } from './metric.ts'

export const disk = {
  name: 'disk',
  title: 'Disk',
  help: 'Whole disks from /proc/diskstats and real file systems by statfs.',
  listed: 'contract',
  primary: [{ measurement: 'disk', fields: ['read_bytes_per_sec', 'write_bytes_per_sec'] }],
  series: [
    {
      measurement: 'disk',
      layout: { kind: 'object', at: ['io'] },
      fields: {
        read_bytes_per_sec: { unit: 'bytes/s', fold: 'mean', help: 'Read from all whole disks' },
        write_bytes_per_sec: { unit: 'bytes/s', fold: 'mean', help: 'Written to all whole disks' },
      },
    },
    {
      measurement: 'disk_device',
      layout: { kind: 'map', at: ['devices'], tag: 'device' },
      fields: {
        read_bytes_per_sec: { unit: 'bytes/s', fold: 'mean', help: 'Bytes read' },
        write_bytes_per_sec: { unit: 'bytes/s', fold: 'mean', help: 'Bytes written' },
        read_iops: { unit: 'operations/s', fold: 'mean', help: 'Reads completed' },
        write_iops: { unit: 'operations/s', fold: 'mean', help: 'Writes completed' },
        read_latency_ms: {
          unit: 'ms',
          fold: 'mean',
          help: 'Mean time of a read; null where there was none',
        },
        write_latency_ms: {
          unit: 'ms',
          fold: 'mean',
          help: 'Mean time of a write; null where there was none',
        },
        busy_percent: {
          unit: 'percent',
          fold: 'mean',
          help: 'Time with at least one request open',
        },
      },
    },
    {
      measurement: 'filesystem',
      layout: { kind: 'map', at: ['partitions'], tag: 'mount' },
      fields: {
        total_bytes: { unit: 'bytes', fold: 'last', help: 'Size' },
        used_bytes: { unit: 'bytes', fold: 'mean', help: 'total - free' },
        usage_percent: { unit: 'percent', fold: 'mean', help: 'used / total' },
      },
    },
  ],
} as const satisfies Metric
