import type { AnsweredInterval } from '../history/history.ts'

/** Window lengths in seconds, finest first; the compiler holds the list to the server's. */
const SECONDS: Readonly<Record<AnsweredInterval, number>> = {
  '5s': 5,
  '1m': 60,
  '5m': 300,
  '1h': 3600,
}

export const INTERVALS = Object.keys(SECONDS) as readonly AnsweredInterval[]

type Answered = {
  readonly interval: AnsweredInterval
  readonly sampling_interval_seconds: number
}

/** Seconds between two values of an answer. */
export const stepOf = ({ interval, sampling_interval_seconds }: Answered): number =>
  Math.max(SECONDS[interval], sampling_interval_seconds)

/** Seconds of an answer's windows, which are aligned to the epoch. */
export const windowOf = ({ interval }: Answered): number => SECONDS[interval]
