import type { Metric } from './metric.ts'

export const host = {
  name: 'host',
  title: 'Host',
  help: 'The machine as a whole: uptime, processes, file handles.',
  listed: 'extra',
  primary: [{ measurement: 'host', fields: ['processes_running'] }],
  series: [
    {
      measurement: 'host',
      layout: { kind: 'object', at: [] },
      fields: {
        uptime_seconds: { unit: 's', fold: 'last', help: 'Since boot' },
        processes_total: { unit: 'count', fold: 'mean', help: 'Tasks, threads included' },
        processes_running: { unit: 'count', fold: 'mean', help: 'Tasks that can run now' },
        processes_blocked: { unit: 'count', fold: 'mean', help: 'Tasks waiting for a disk' },
        forks_per_sec: { unit: 'count/s', fold: 'mean', help: 'Processes and threads started' },
        file_handles_used: { unit: 'count', fold: 'mean', help: 'Open files of all processes' },
        file_handles_limit: { unit: 'count', fold: 'last', help: 'What the kernel allows' },
      },
    },
  ],
} as const satisfies Metric
