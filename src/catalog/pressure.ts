import type { Metric } from './metric.ts'

export const pressure = {
  name: 'pressure',
  title: 'Pressure',
  help: 'Share of the last 10 seconds in which tasks waited (PSI avg10), where the kernel has it.',
  listed: 'extra',
  primary: [{ measurement: 'pressure', fields: ['cpu_some'] }],
  series: [
    {
      measurement: 'pressure',
      layout: { kind: 'object', at: [] },
      fields: {
        cpu_some: { unit: 'percent', fold: 'mean', help: 'Some task waited for a processor' },
        memory_some: { unit: 'percent', fold: 'mean', help: 'Some task waited for memory' },
        memory_full: { unit: 'percent', fold: 'mean', help: 'All tasks waited for memory' },
        io_some: { unit: 'percent', fold: 'mean', help: 'Some task waited for a disk' },
        io_full: { unit: 'percent', fold: 'mean', help: 'All tasks waited for a disk' },
      },
    },
  ],
} as const satisfies Metric
