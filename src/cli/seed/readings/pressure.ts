import type { Row } from '../../../points/sample.ts'
import type { Activity } from '../activity.ts'
import { clamp, rounded, type Random } from '../random.ts'

/** Waiting: next to none until something is nearly full. */
export const makePressure =
  (random: Random) =>
  ({ cpu, io }: Activity): readonly Row[] => {
    const waiting = (use: number, from: number, most: number) =>
      rounded(clamp(((use - from) / (1 - from)) * most * random.between(0.8, 1.2), 0, 100), 2)
    const ioSome = waiting(io, 0.08, 55)
    const memorySome = waiting(cpu * io, 0.3, 12)
    return [
      {
        measurement: 'pressure',
        fields: {
          cpu_some: waiting(cpu, 0.15, 48),
          memory_some: memorySome,
          memory_full: rounded(memorySome * 0.4, 2),
          io_some: ioSome,
          io_full: rounded(ioSome * 0.55, 2),
        },
      },
    ]
  }
