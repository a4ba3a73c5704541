import type { Metric } from './metric.ts'

export const network = {
  name: 'network',
  title: 'Network',
  help: 'Traffic in total and by interface, from /proc/1/net/dev, and TCP connections by state.',
  listed: 'contract',
  primary: [{ measurement: 'network', fields: ['bytes_sent_per_sec', 'bytes_recv_per_sec'] }],
  series: [
    {
      measurement: 'network',
      layout: { kind: 'object', at: [] },
      fields: {
        bytes_sent_per_sec: {
          unit: 'bytes/s',
          fold: 'mean',
          help: 'Sent by the physical interfaces (by all but lo where there is none)',
        },
        bytes_recv_per_sec: {
          unit: 'bytes/s',
          fold: 'mean',
          help: 'Received by the physical interfaces (by all but lo where there is none)',
        },
        total_bytes_sent: { unit: 'bytes', fold: 'last', help: 'Sent since boot' },
        total_bytes_recv: { unit: 'bytes', fold: 'last', help: 'Received since boot' },
      },
    },
    {
      measurement: 'network_interface',
      layout: { kind: 'map', at: ['interfaces'], tag: 'interface' },
      fields: {
        bytes_sent_per_sec: { unit: 'bytes/s', fold: 'mean', help: 'Bytes sent' },
        bytes_recv_per_sec: { unit: 'bytes/s', fold: 'mean', help: 'Bytes received' },
        packets_sent_per_sec: { unit: 'packets/s', fold: 'mean', help: 'Packets sent' },
        packets_recv_per_sec: { unit: 'packets/s', fold: 'mean', help: 'Packets received' },
        errors_in: { unit: 'count', fold: 'sum', help: 'Receive errors since the last sample' },
        errors_out: { unit: 'count', fold: 'sum', help: 'Transmit errors since the last sample' },
        drops_in: {
          unit: 'count',
          fold: 'sum',
          help: 'Received packets dropped since the last sample',
        },
        drops_out: {
          unit: 'count',
          fold: 'sum',
          help: 'Packets dropped before sending since the last sample',
        },
      },
    },
    {
      measurement: 'network_connections',
      layout: { kind: 'object', at: ['connections'] },
      fields: {
        established: { unit: 'count', fold: 'mean', help: 'TCP connections established' },
        time_wait: { unit: 'count', fold: 'mean', help: 'TCP connections in TIME_WAIT' },
        listen: {
          unit: 'count',
          fold: 'mean',
          help: 'TCP sockets listening (counted once a minute)',
        },
      },
    },
  ],
} as const satisfies Metric
