import { describe, expect, it } from 'vitest'
import type { FieldComparison } from '../history/history.ts'
import { judge, parseCondition } from './fail-if.ts'

describe('a condition', () => {
  it.each([
    ['usage_percent>+10%', 'usage_percent', '>', 'change', 10],
    ['usage_percent<-10%', 'usage_percent', '<', 'change', -10],
    ['usage_percent>-10%', 'usage_percent', '>', 'change', -10],
    ['usage_percent>=+2.5%', 'usage_percent', '>=', 'change', 2.5],
    ['usage_percent>90', 'usage_percent', '>', 'value', 90],
    ['per_core.0<=1.5', 'per_core.0', '<=', 'value', 1.5],
    ['temperature_celsius.0<-5', 'temperature_celsius.0', '<', 'value', -5],
    ['  load_avg.0  >  4 ', 'load_avg.0', '>', 'value', 4],
    ['interfaces.br-lan.0.errors_in>0', 'interfaces.br-lan.0.errors_in', '>', 'value', 0],
  ])('%s reads as it is meant', (text, field, operator, measure, bound) => {
    expect(parseCondition(text)).toEqual({ text: text.trim(), field, operator, measure, bound })
  })

  it.each([
    ['', 'write a field'],
    ['usage_percent', 'write a field'],
    ['>10', 'write a field'],
    ['usage_percent>', 'write a field'],
    ['usage_percent>ten', 'write a field'],
    ['usage_percent=10', 'write a field'],
    ['usage_percent>>10', 'write a field'],
    [
      'usage_percent>10%',
      'write usage_percent>+10% for a change, or usage_percent>10 for the value',
    ],
    [
      'usage_percent>+10',
      'write usage_percent>+10% for a change, or usage_percent>10 for the value',
    ],
  ])("'%s' is refused with how to write it", (text, how) => {
    expect(() => parseCondition(text)).toThrow(how)
  })
})

describe('judging', () => {
  const field = (over: Partial<FieldComparison> = {}): FieldComparison => ({
    current: 55,
    comparison: 50,
    change_percent: 10,
    effect_size: 0.4,
    significant: true,
    significant_paired: null,
    ...over,
  })
  const summary = (fields: Record<string, FieldComparison>) => ({
    current_avg: 55,
    comparison_avg: 50,
    change_percent: 10,
    fields,
  })
  const kindOf = (text: string, one: FieldComparison, significantOnly = false) =>
    judge(parseCondition(text), summary({ x: one }), significantOnly).kind

  it.each([
    ['x>+9%', 'holds'],
    ['x>+10%', 'fails'],
    ['x>=+10%', 'holds'],
    ['x<+10%', 'fails'],
    ['x<=+10%', 'holds'],
    ['x<-10%', 'fails'],
    ['x>-10%', 'holds'],
    ['x>54', 'holds'],
    ['x>55', 'fails'],
    ['x<56', 'holds'],
    ['primary>+9%', 'holds'],
    ['primary>55', 'fails'],
  ])('55 after 50: %s %s', (text, kind) => {
    expect(kindOf(text, field())).toBe(kind)
  })

  it('a fall by 20 % is below -10 % and not below -20 %', () => {
    const fell = field({ current: 40, change_percent: -20 })
    expect(kindOf('x<-10%', fell)).toBe('holds')
    expect(kindOf('x<-20%', fell)).toBe('fails')
  })

  it.each([
    [true, null, 'holds'],
    [false, null, 'chance'],
    // Where the periods are whole days apart, the windows at the same time of day decide.
    [false, true, 'holds'],
    [true, false, 'chance'],
    [null, null, 'unknown'],
  ])(
    'only what is more than chance counts when asked so: significant %s, paired %s: %s',
    (significant, significant_paired, kind) => {
      const one = field({ significant, significant_paired })
      expect(kindOf('x>+5%', one, true)).toBe(kind)
      expect(kindOf('x>+5%', one)).toBe('holds')
    },
  )

  it.each([
    [
      'x>+5%',
      'x is not tested for chance: fewer than 8 windows in a period, or a size or a counter',
    ],
    ['primary>+5%', 'primary is not tested for chance; name its field instead'],
  ])('what was not tested passes no check: %s', (text, why) => {
    const condition = parseCondition(text)
    const one = field({ significant: null })
    expect(judge(condition, summary({ x: one }), true)).toEqual({ kind: 'unknown', condition, why })
    // A change that is not asked about needs no test.
    expect(kindOf(text.replace('5', '50'), one, true)).toBe('fails')
  })

  it('a value is not a matter of chance', () => {
    expect(kindOf('x>50', field({ significant: false }), true)).toBe('holds')
    expect(kindOf('x>50', field({ significant: null }), true)).toBe('holds')
  })

  it.each([
    ['nope>1', field(), 'there is no field nope; there are x'],
    ['toString>1', field(), 'there is no field toString; there are x'],
    ['x>1', field({ current: null }), 'x has no values in the current period'],
    [
      'x>+1%',
      field({ current: null, change_percent: null }),
      'x has no values in the current period',
    ],
    [
      'x>+1%',
      field({ comparison: null, change_percent: null }),
      'x has no values in the period to compare with',
    ],
    [
      'x>+1%',
      field({ comparison: 0, change_percent: null }),
      'x was 0 in the period to compare with, so there is no change in percent',
    ],
  ])('%s cannot be said', (text, one, why) => {
    const condition = parseCondition(text)
    expect(judge(condition, summary({ x: one }))).toEqual({ kind: 'unknown', condition, why })
  })
})
