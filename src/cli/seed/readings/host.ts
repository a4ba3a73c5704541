import type { Row } from '../../../points/sample.ts'
import type { Activity } from '../activity.ts'
import { rounded, type Random } from '../random.ts'
import type { HostShape } from '../shape.ts'

/** The machine as a whole; it was started just before the first reading. */
export const makeHost = (random: Random, { cores }: HostShape) => {
  let up = 300
  return ({ cpu, io, dtSeconds }: Activity): readonly Row[] => {
    up += dtSeconds
    return [
      {
        measurement: 'host',
        fields: {
          uptime_seconds: Math.round(up),
          processes_total: Math.round(180 + 40 * cores * 0.4 + 60 * cpu * random.between(0.9, 1.1)),
          processes_running: Math.max(1, Math.round(cpu * cores * random.between(0.7, 1.5))),
          processes_blocked: io > 0.25 ? Math.round(io * 3 * random.next()) : 0,
          forks_per_sec: rounded((1.5 + 20 * cpu) * random.between(0.7, 1.3), 1),
          file_handles_used: Math.round(1_800 + 2_400 * cpu * random.between(0.95, 1.05)),
          file_handles_limit: 1_048_576,
        },
      },
    ]
  }
}
