import type { Metric } from './metric.ts'

export const cpu = {
  name: 'cpu',
  title: 'CPU',
  help: 'How the processors spend their time, from /proc/stat; usage is everything but idle and iowait.',
  listed: 'contract',
  primary: [{ measurement: 'cpu', fields: ['usage_percent'] }],
  series: [
    {
      measurement: 'cpu',
      layout: { kind: 'object', at: [] },
      fields: {
        usage_percent: {
          unit: 'percent',
          fold: 'mean',
          help: '100 - idle - iowait; time stolen by the hypervisor counts as busy',
        },
        user: { unit: 'percent', fold: 'mean', help: 'User code, with niced processes' },
        system: { unit: 'percent', fold: 'mean', help: 'Kernel code, with hard interrupts' },
        idle: { unit: 'percent', fold: 'mean', help: 'Nothing to do' },
        iowait: { unit: 'percent', fold: 'mean', help: 'Idle while a disk request was open' },
        steal: { unit: 'percent', fold: 'mean', help: 'Taken by the hypervisor' },
        softirq: { unit: 'percent', fold: 'mean', help: 'Soft interrupts' },
        interrupts: { unit: 'count/s', fold: 'mean', help: 'Interrupts per second' },
        context_switches: { unit: 'count/s', fold: 'mean', help: 'Context switches per second' },
        load_avg_1: {
          unit: 'count',
          fold: 'mean',
          help: 'Load average over 1 minute',
          json: [['load_avg', 0]],
        },
        load_avg_5: {
          unit: 'count',
          fold: 'mean',
          help: 'Load average over 5 minutes',
          json: [['load_avg', 1]],
        },
        load_avg_15: {
          unit: 'count',
          fold: 'mean',
          help: 'Load average over 15 minutes',
          json: [['load_avg', 2]],
        },
        core_count: { unit: 'count', fold: 'last', help: 'Logical processors online' },
        physical_cores: { unit: 'count', fold: 'last', help: 'Physical cores' },
      },
    },
    {
      measurement: 'cpu_core',
      layout: { kind: 'columns', tag: 'core' },
      fields: {
        usage_percent: {
          unit: 'percent',
          fold: 'mean',
          help: '100 - idle - iowait of one logical processor',
          json: [['per_core']],
        },
        frequency_mhz: { unit: 'MHz', fold: 'mean', help: 'Current frequency' },
        temperature_celsius: {
          unit: 'celsius',
          fold: 'mean',
          help: 'The core sensor, else the sensor of its package',
        },
      },
    },
  ],
} as const satisfies Metric
