import { expect, it } from 'vitest'
import { report } from './report.ts'

it('the figures are one table, each method once under it with what it measured', () => {
  const row = { target: '<= 5 ms', method: 'Mean of 100 samples.' }
  expect(
    report([
      { ...row, figure: 'a full sample', measured: '3.1 ms', ok: true },
      { ...row, figure: 'p99', measured: '12 ms', ok: false },
      { figure: 'size', measured: '1.1 B', target: '<= 1.3 B', ok: true, method: 'File size.' },
    ]).split('\n'),
  ).toEqual([
    'figure         measured  target    ok',
    'a full sample  3.1 ms    <= 5 ms   yes',
    'p99            12 ms     <= 5 ms   NO',
    'size           1.1 B     <= 1.3 B  yes',
    '',
    'a full sample · p99: Mean of 100 samples.',
    'size: File size.',
  ])
})
