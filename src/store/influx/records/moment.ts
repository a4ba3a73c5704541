import { SEQ_LIMIT } from '../../../points/record.ts'

/** Where a record stands in time: milliseconds, and the nanoseconds behind them, which are its number. */
export type Moment = { readonly at: number; readonly seq: number }

/** A stretch of time, half-open. */
export type Stretch = { readonly from: Moment; readonly to: Moment }

export const momentAt = (at: number): Moment => ({ at, seq: 0 })

export const compareMoments = (a: Moment, b: Moment): number => a.at - b.at || a.seq - b.seq

export const earlier = (a: Moment, b: Moment): Moment => (compareMoments(a, b) <= 0 ? a : b)
export const later = (a: Moment, b: Moment): Moment => (compareMoments(a, b) >= 0 ? a : b)

/** The next nanosecond. */
export const justBehind = ({ at, seq }: Moment): Moment =>
  seq + 1 < SEQ_LIMIT ? { at, seq: seq + 1 } : momentAt(at + 1)

export const isEmpty = ({ from, to }: Stretch): boolean => compareMoments(from, to) >= 0
