import { AppError } from '../app-error.ts'
import type { CompareAnswer } from '../history/history.ts'
import { moreThanChance } from './more-than-chance.ts'

/** What the condition looks at: the change against the comparison in percent, or the value of now. */
export type Condition = {
  readonly text: string
  readonly field: string
  readonly operator: Operator
  readonly measure: 'change' | 'value'
  readonly bound: number
}

const OPERATORS = ['>=', '<=', '>', '<'] as const
type Operator = (typeof OPERATORS)[number]

/** The metric's primary value as `summary` has it (for network: sent and received together). */
export const PRIMARY = 'primary'

const FORM = /^\s*([^<>=]+?)\s*(>=|<=|>|<)\s*([+-])?(\d+(?:\.\d+)?)\s*(%)?\s*$/

/**
 * `usage_percent>+10%` (grew by more than 10 %), `usage_percent<-10%` (fell by more), `usage_percent>90` (is above 90).
 * Throws an AppError `invalid` that says how to write it.
 */
export const parseCondition = (text: string): Condition => {
  const match = FORM.exec(text)
  const [, field, operator, sign, digits, percent] = match ?? []
  if (field === undefined || operator === undefined || digits === undefined)
    throw invalid(text, "write a field, > or <, and a bound, such as 'usage_percent>+10%'")
  if (percent !== undefined && sign === undefined)
    throw invalid(
      text,
      `write ${field}${operator}+${digits}% for a change, or ${field}${operator}${digits} for the value itself`,
    )
  if (percent === undefined && sign === '+')
    throw invalid(
      text,
      `write ${field}${operator}+${digits}% for a change, or ${field}${operator}${digits} for the value itself`,
    )
  return {
    text: text.trim(),
    field,
    operator: operator as Operator,
    measure: percent === undefined ? 'value' : 'change',
    bound: sign === '-' ? -Number(digits) : Number(digits),
  }
}

const invalid = (text: string, how: string) =>
  new AppError({ code: 'invalid', detail: `--fail-if: '${text}' is not a condition; ${how}.` })

export type Verdict =
  | { readonly kind: 'holds'; readonly condition: Condition; readonly is: number }
  | { readonly kind: 'fails'; readonly condition: Condition; readonly is: number }
  /** Within what chance alone makes; only with `significantOnly`. */
  | { readonly kind: 'chance'; readonly condition: Condition; readonly is: number }
  | { readonly kind: 'unknown'; readonly condition: Condition; readonly why: string }

/**
 * Whether a condition holds. What cannot be said is `unknown`, never "does not hold": a check that
 * passes because nothing was measured would be worse than none.
 */
export const judge = (
  condition: Condition,
  summary: CompareAnswer['summary'],
  significantOnly = false,
): Verdict => {
  const found = fieldOf(condition.field, summary)
  if (found === undefined)
    return {
      kind: 'unknown',
      condition,
      why: `there is no field ${condition.field}; there are ${Object.keys(summary.fields).join(', ') || 'none'}`,
    }
  const is = condition.measure === 'change' ? found.change_percent : found.current
  if (is === null) return { kind: 'unknown', condition, why: whyNull(condition, found) }
  if (!compare(is, condition.operator, condition.bound)) return { kind: 'fails', condition, is }
  if (!significantOnly || condition.measure === 'value') return { kind: 'holds', condition, is }
  if (found.moreThanChance === null)
    return { kind: 'unknown', condition, why: whyUntested(condition) }
  return { kind: found.moreThanChance ? 'holds' : 'chance', condition, is }
}

type Found = {
  readonly current: number | null
  readonly comparison: number | null
  readonly change_percent: number | null
  readonly moreThanChance: boolean | null
}

const fieldOf = (name: string, summary: CompareAnswer['summary']): Found | undefined => {
  const field = Object.hasOwn(summary.fields, name) ? summary.fields[name] : undefined
  if (field !== undefined) return { ...field, moreThanChance: moreThanChance(field) }
  if (name !== PRIMARY) return undefined
  return {
    current: summary.current_avg,
    comparison: summary.comparison_avg,
    change_percent: summary.change_percent,
    moreThanChance: null,
  }
}

const whyNull = ({ field }: Condition, found: Found): string => {
  if (found.current === null) return `${field} has no values in the current period`
  if (found.comparison === null) return `${field} has no values in the period to compare with`
  return `${field} was 0 in the period to compare with, so there is no change in percent`
}

const whyUntested = ({ field }: Condition): string =>
  field === PRIMARY
    ? `${PRIMARY} is not tested for chance; name its field instead`
    : `${field} is not tested for chance: fewer than 8 windows in a period, or a size or a counter`

const compare = (value: number, operator: Operator, bound: number): boolean => {
  switch (operator) {
    case '>':
      return value > bound
    case '>=':
      return value >= bound
    case '<':
      return value < bound
    case '<=':
      return value <= bound
  }
}
