import { expect, it } from 'vitest'
import pc from 'picocolors'
import type { RangeAnswer } from '../../history/history.ts'
import { columnsOf } from '../ask/columns.ts'
import { rangeTable } from './range-table.ts'

const terminal = { colours: pc.createColors(false), size: () => ({ columns: 70, rows: 40 }) }

const answerOf = (data_points: RangeAnswer['data_points']): RangeAnswer => ({
  metric_type: 'cpu',
  start_time: '2025-01-18T10:00:00Z',
  end_time: '2025-01-18T10:04:00Z',
  interval: '1m',
  sampling_interval_seconds: 5,
  count: data_points.length,
  truncated: false,
  data_points,
})

const shown = (answer: RangeAnswer, options: { readonly all: boolean; readonly host?: string }) =>
  rangeTable(answer, columnsOf('cpu', answer.data_points), terminal, {
    all: options.all,
    host: options.host,
  })

const at = (minute: number) => `2025-01-18T10:0${minute}:00Z`

it('shows the last, the least, the mean and the most, and a gap as a gap', () => {
  const answer = answerOf([
    { timestamp: at(0), data: { usage_percent: 10, load_avg: [1, null, null] } },
    { timestamp: at(1), data: { usage_percent: 20, load_avg: [null, null, null] } },
    { timestamp: at(3), data: { usage_percent: null, load_avg: [3, null, null] } },
  ])
  expect(shown(answer, { all: false, host: 'web\u001b[2J-1' })).toBe(
    [
      'cpu of web?[2J-1 · 2025-01-18 10:00 … 10:04 UTC · 3 windows of 1m',
      '',
      'field          last   least    mean    most  over time',
      'usage_percent     –  10.0 %  15.0 %  20.0 %  ▁▁▁▁▁▁██████',
      'load_avg_1        3       1       2       3  ▁▁▁▁▁▁             ██████',
      'load_avg_5        –       –       –       –',
      'load_avg_15       –       –       –       –',
    ].join('\n'),
  )
})

it('leaves the rows of many cores out, and says so, unless they were asked for', () => {
  const answer = answerOf([
    {
      timestamp: at(0),
      data: { usage_percent: 1, per_core: Array.from({ length: 64 }, (_, core) => core) },
    },
  ])
  const short = shown(answer, { all: false })
  expect(short).not.toContain('per_core.0 ')
  expect(short).toContain(
    '64 fields per core, interface or mount are not shown: name them with --fields, such as --fields per_core.',
  )
  expect(shown(answer, { all: true }).match(/^per_core\.\d+/gm)).toHaveLength(64)
})
