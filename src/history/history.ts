import type { JsonObject } from '../points/layout.ts'

/** What a person may ask for; `auto` lets the planner choose. */
export const INTERVALS = ['5s', '1m', '5m', '1h', 'auto'] as const
export type IntervalName = (typeof INTERVALS)[number]
/** What an answer says it used. */
export type AnsweredInterval = Exclude<IntervalName, 'auto'>

export type DataPoint = {
  /** ISO 8601 UTC, the start of the window. */
  readonly timestamp: string
  readonly data: JsonObject
  readonly min?: JsonObject
  readonly max?: JsonObject
}

export type RangeAnswer = {
  /** Echoed as asked. */
  readonly metric_type: string
  readonly start_time: string
  readonly end_time: string
  readonly interval: AnsweredInterval
  readonly sampling_interval_seconds: number
  readonly count: number
  readonly truncated: boolean
  readonly data_points: readonly DataPoint[]
}

export type PeriodAnswer = {
  readonly start_time: string
  readonly end_time: string
  readonly count: number
  readonly truncated: boolean
  readonly data_points: readonly DataPoint[]
}

export type FieldComparison = {
  readonly current: number | null
  readonly comparison: number | null
  readonly change_percent: number | null
  /** Hedges' g of the window means; null where `significant` is, and where a difference has no deviation to be measured by. */
  readonly effect_size: number | null
  /** Two-sided Welch on window means with the effective sample size, Holm over the fields, alpha 0.01; null under 8 windows a side, and for fields whose fold is `last`. */
  readonly significant: boolean | null
  /** The paired t test on the differences at the same time of day, with theirs and the same Holm; null under 8 pairs of windows, where `significant` is, and where the periods are not whole days apart. */
  readonly significant_paired: boolean | null
}

export type CompareAnswer = {
  readonly metric_type: string
  readonly period: string
  readonly compare_to: string
  readonly interval: AnsweredInterval
  readonly sampling_interval_seconds: number
  readonly current: PeriodAnswer
  readonly comparison: PeriodAnswer
  readonly summary: {
    readonly current_avg: number | null
    readonly comparison_avg: number | null
    readonly change_percent: number | null
    readonly fields: Readonly<Record<string, FieldComparison>>
  }
}

export type TypesAnswer = { readonly metric_types: readonly string[] }
