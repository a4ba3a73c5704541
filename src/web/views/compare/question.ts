import type { CompareAnswer } from '../../../api/history-schemas.ts'
import { go, type Place } from '../../place.ts'
import { isoOf, secondsOf } from '../../range.ts'

/** The periods that the API knows by name, in the order of their lengths. */
export const PERIODS = [
  { id: 'hour', title: 'Last hour' },
  { id: 'day', title: 'Last day' },
  { id: 'week', title: 'Last week' },
] as const satisfies readonly { id: CompareAnswer['period']; title: string }[]
export const AGAINST = [
  { id: 'yesterday', title: 'a day before' },
  { id: 'last_week', title: 'a week before' },
] as const satisfies readonly { id: CompareAnswer['compare_to']; title: string }[]

const DAY = 86_400

/** Two periods of equal length: named ones that end now, or any. */
export type Question =
  | { readonly kind: 'named'; readonly period: string; readonly against: string }
  | { readonly kind: 'free'; readonly from: number; readonly to: number; readonly base: number }

export const questionOf = (place: Place): Question => {
  const from = secondsOf(place.get('from'))
  const to = secondsOf(place.get('to'))
  if (from !== undefined && to !== undefined && from < to)
    return { kind: 'free', from, to, base: secondsOf(place.get('base')) ?? from - DAY }
  return {
    kind: 'named',
    period: place.get('period') ?? 'hour',
    against: place.get('against') ?? 'yesterday',
  }
}

export const parametersOf = (question: Question) =>
  question.kind === 'named'
    ? { period: question.period, compare_to: question.against }
    : {
        start_time_1: isoOf(question.from),
        end_time_1: isoOf(question.to),
        start_time_2: isoOf(question.base),
        end_time_2: isoOf(question.base + question.to - question.from),
      }

export const goNamed = (period: string, against: string): void =>
  go({ period, against, from: null, to: null, base: null })

export const goFree = (from: number, to: number, base: number): void =>
  go({ from: isoOf(from), to: isoOf(to), base: isoOf(base), period: null, against: null })

/** The start and the end of a period, Unix seconds. */
export const spanOf = ({
  start_time,
  end_time,
}: CompareAnswer['current']): readonly [number, number] => [
  Date.parse(start_time) / 1000,
  Date.parse(end_time) / 1000,
]
