import { describe, expect, it } from 'vitest'
import { toIso, instant } from '../points/instant.ts'
import { parseCompareQuestion } from './compare-question.ts'
import type { Parameters } from './parameters.ts'

const now = instant(Date.UTC(2026, 0, 21, 15, 0, 7))
const asked = (parameters: Parameters) =>
  parseCompareQuestion({ metric_type: 'cpu', ...parameters }, now)
const custom = {
  start_time_1: '2026-01-20T10:00:00Z',
  end_time_1: '2026-01-20T12:00:00Z',
  start_time_2: '2026-01-21T11:00:00 01:00',
  end_time_2: '2026-01-21T12:00:00',
}
const times = ({ current, comparison }: ReturnType<typeof asked>) =>
  [current.start, current.end, comparison.start, comparison.end].map(toIso)

describe('the periods of a comparison', () => {
  it.each([
    ['hour', 'yesterday', '2026-01-21T14:00:07Z', '2026-01-20T14:00:07Z', '2026-01-20T15:00:07Z'],
    ['hour', 'last_week', '2026-01-21T14:00:07Z', '2026-01-14T14:00:07Z', '2026-01-14T15:00:07Z'],
    ['day', 'yesterday', '2026-01-20T15:00:07Z', '2026-01-19T15:00:07Z', '2026-01-20T15:00:07Z'],
    ['day', 'last_week', '2026-01-20T15:00:07Z', '2026-01-13T15:00:07Z', '2026-01-14T15:00:07Z'],
    ['week', 'yesterday', '2026-01-14T15:00:07Z', '2026-01-13T15:00:07Z', '2026-01-20T15:00:07Z'],
    ['week', 'last_week', '2026-01-14T15:00:07Z', '2026-01-07T15:00:07Z', '2026-01-14T15:00:07Z'],
  ])('%s against %s', (period, compare_to, start, otherStart, otherEnd) => {
    const question = asked({ period, compare_to })
    expect([question.period, question.compareTo]).toEqual([period, compare_to])
    expect(times(question)).toEqual([start, toIso(now), otherStart, otherEnd])
  })

  it('are the four times of a custom comparison', () => {
    const question = asked({ ...custom, interval: '5M', limit: '7', host: 'box' })
    expect(times(question)).toEqual([
      '2026-01-20T10:00:00Z',
      '2026-01-20T12:00:00Z',
      '2026-01-21T10:00:00Z',
      '2026-01-21T12:00:00Z',
    ])
    expect(question).toMatchObject({
      metricType: 'cpu',
      period: 'custom',
      compareTo: 'custom',
      interval: '5m',
      limit: 7,
      host: 'box',
    })
  })

  it('are custom as soon as one of those is given', () => {
    expect(asked({ ...custom, period: 'nonsense', compare_to: 'yesterday' }).period).toBe('custom')
  })

  const both = 'period and compare_to are required for relative comparison'
  const four =
    'start_time_1, end_time_1, start_time_2, end_time_2 are required for custom comparison'
  const relative = { period: 'day', compare_to: 'yesterday' }
  it.each([
    [{}, both],
    [{ period: 'day' }, both],
    [{ compare_to: 'yesterday' }, both],
    [{ period: '', compare_to: 'yesterday' }, both],
    [
      { period: 'month', compare_to: 'yesterday' },
      'Invalid period. Must be one of: day, hour, week',
    ],
    [{ period: 'Day', compare_to: 'yesterday' }, 'Invalid period. Must be one of: day, hour, week'],
    [{ period: 'constructor', compare_to: 'x' }, 'Invalid period. Must be one of: day, hour, week'],
    [
      { period: 'day', compare_to: 'today' },
      'Invalid compare_to. Must be one of: last_week, yesterday',
    ],
    [{ ...relative, start_time_1: custom.start_time_1 }, four],
    [{ ...custom, end_time_2: undefined }, four],
    [{ ...custom, end_time_2: '' }, four],
    [
      { ...custom, start_time_2: '2026-01-21T09:59:59Z' },
      'Custom comparison periods must have the same duration',
    ],
    [{ ...custom, end_time_1: custom.start_time_1 }, 'start_time must be before end_time'],
    [{ ...custom, start_time_2: '2026-01-21T14:00:00Z' }, 'start_time must be before end_time'],
    [
      { ...custom, end_time_2: 'later' },
      'end_time_2 must be a time such as 2025-01-18T10:00:00Z or Unix seconds',
    ],
    [{ ...relative, metric_type: undefined }, 'metric_type is required'],
    [{ ...relative, interval: '10m' }, 'Invalid interval: 10m'],
    [{ ...relative, limit: '0' }, 'limit must be a whole number from 1 to 10000'],
  ])('are refused for %o: %s', (parameters, sentence) => {
    expect(() => asked(parameters)).toThrow(
      expect.objectContaining({ code: 'invalid', message: sentence }),
    )
  })
})
