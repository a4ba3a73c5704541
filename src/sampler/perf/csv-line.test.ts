import { describe, expect, it } from 'vitest'
import { eventName, parseCsvLine } from './csv-line.ts'

describe('a line of perf stat -x, -I', () => {
  it.each([
    [
      'a count',
      '     1.000125000,4304,,context-switches,2002480386,100.00,2.149,K/sec',
      { at: 1.000125, event: 'context-switches', value: 4304, bytes: false },
    ],
    [
      'a clock, in milliseconds',
      '1.0,2002.48,msec,cpu-clock,2002480636,100.00,2.002,CPUs utilized',
      { at: 1, event: 'cpu-clock', value: 2002.48, bytes: false },
    ],
    [
      'a clock in nanoseconds',
      '1.0,2000000000,nsec,cpu-clock,2000000000,100.00,,',
      { at: 1, event: 'cpu-clock', value: 2000, bytes: false },
    ],
    [
      'traffic with its unit',
      '2.0,16.00,MiB,uncore_imc/cas_count_read/,1610869735,100.00,,',
      { at: 2, event: 'cas_count_read', value: 16 * 1_048_576, bytes: true },
    ],
    [
      'a counter that ran the least that is enough',
      '1.0,100,,cycles,1,25.00,,',
      { at: 1, event: 'cycles', value: 100, bytes: false },
    ],
    [
      'a counter that ran too little',
      '1.0,100,,cycles,1,24.99,,',
      { at: 1, event: 'cycles', value: null, bytes: false },
    ],
    [
      'not supported, though perf says it ran all the time',
      '1.0,<not supported>,,cycles,0,100.00,,',
      { at: 1, event: 'cycles', value: null, bytes: false },
    ],
    [
      'not counted',
      '1.0,<not counted>,MiB,pw_data_read,0,0.00,,',
      { at: 1, event: 'pw_data_read', value: null, bytes: true },
    ],
    [
      'zero, which is a count',
      '1.0,0,,page-faults,2002788595,100.00,0.000,/sec',
      { at: 1, event: 'page-faults', value: 0, bytes: false },
    ],
    [
      'a unit that we do not know',
      '1.0,5.1,Joules,power/energy-pkg/,1,100.00,,',
      { at: 1, event: 'energy-pkg', value: null, bytes: false },
    ],
    [
      'no percentage, so nobody knows how good the count is',
      '1.0,5,,cycles',
      { at: 1, event: 'cycles', value: null, bytes: false },
    ],
    [
      'a negative count',
      '1.0,-5,,cycles,1,100.00,,',
      { at: 1, event: 'cycles', value: null, bytes: false },
    ],
  ])('reads %s', (_, line, expected) => {
    expect(parseCsvLine(line)).toEqual(expected)
  })

  it.each([
    ['nothing', ''],
    ['a comment', '# started on Tue Nov 25 01:00:00 2025'],
    ['a metric on a line of its own', '     1.000200000,,,,,,0.30,stalled cycles per insn'],
    ['a count with a decimal comma', '1,000593334,2001,68,msec,cpu-clock,2001680152,100,00,2,002'],
    ['a line without a time', 'Some events were not counted. Try disabling the NMI watchdog:'],
    ['a line that was cut off', '     1.0005'],
  ])('finds no count in %s', (_, line) => {
    expect(parseCsvLine(line)).toBeUndefined()
  })
})

it.each([
  ['cycles', 'cycles'],
  ['cycles:u', 'cycles'],
  ['cpu_core/cycles/', 'cycles'],
  ['cpu_atom/L1-dcache-loads/u', 'l1-dcache-loads'],
  ['armv8_pmuv3_0/l2d_cache_refill/', 'l2d_cache_refill'],
  ['umc_cas_cmd.rd', 'umc_cas_cmd.rd'],
  ['pw_data_read [uncore_imc_0]', 'pw_data_read'],
  ['L2_RQSTS.MISS', 'l2_rqsts.miss'],
])('%s is the event %s', (printed, expected) => {
  expect(eventName(printed)).toBe(expected)
})
