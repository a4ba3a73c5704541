import { describe, expect, it, onTestFinished } from 'vitest'
import { DAY, HOUR, instant } from '../points/instant.ts'
import { openTestStore } from '../testing/test-store.ts'
import { compare } from './compare.ts'
import { textCell } from './csv.ts'
import type { HistoryDeps } from './deps.ts'
import { relativePeriods } from './periods.ts'
import { range } from './range.ts'

const now = instant(Date.UTC(2026, 0, 21, 15))
const host = 'box'
const open = async () => {
  const clock = { now: () => now }
  const store = await openTestStore({ clock })
  onTestFinished(store.close)
  const deps: HistoryDeps = { store, clock, samplingIntervalMs: () => 5_000, host }
  return { store, deps }
}
const asked = (metricType: string, stats = false) => ({
  metricType,
  start: instant(now - HOUR),
  end: now,
  interval: '1m' as const,
  limit: 10,
  stats,
  host: undefined,
})

describe('a text in a cell', () => {
  it.each([
    ['plain', 'plain'],
    ['', ''],
    ['a,b', '"a,b"'],
    ['say "no"', '"say ""no"""'],
    ['two\nlines', '"two\nlines"'],
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\tx', "'\tx"],
    ['\rx', '"\'\rx"'],
    ['=HYPERLINK("x","y")', '"\'=HYPERLINK(""x"",""y"")"'],
    ['a=b', 'a=b'],
  ])('%j is written %j', (text, expected) => {
    expect(textCell(text)).toBe(expected)
  })
})

describe('a range as CSV', () => {
  it('has a column per value, a line per window, numbers as they are', async () => {
    const { store, deps } = await open()
    const tags = { host, interface: '=cmd|calc' }
    await store.write('metrics', [
      {
        measurement: 'network',
        tags: { host },
        fields: { bytes_sent_per_sec: -1.5 },
        at: instant(now - HOUR),
      },
      {
        measurement: 'network_interface',
        tags,
        fields: { drops_in: 2 },
        at: instant(now - HOUR / 2),
      },
    ])
    const lines = (await range(asked('network'), deps)).csv().split('\r\n')
    const named =
      'bytes_sent_per_sec,bytes_recv_per_sec,packets_sent_per_sec,packets_recv_per_sec,errors_in,errors_out,drops_in,drops_out'
    expect(lines).toEqual([
      [
        'timestamp,bytes_sent_per_sec,bytes_recv_per_sec,total_bytes_sent,total_bytes_recv',
        ...named.split(',').map((field) => `interfaces.=cmd|calc.${field}`),
        'connections.established,connections.time_wait,connections.listen',
      ].join(','),
      '2026-01-21T14:00:00Z,-1.5,,,,,,,,,,,,,,',
      '2026-01-21T14:30:00Z,,,,,,,,,,,2,,,,',
      '',
    ])
  })

  it('names the extremes, the places in arrays, and the values of quantities', async () => {
    const { store, deps } = await open()
    await store.write('metrics', [
      {
        measurement: 'cpu_core',
        tags: { host, core: '1' },
        fields: { usage_percent: 5 },
        at: instant(now - HOUR),
      },
      { measurement: 'perf', tags: { host }, fields: { cycles: 5 }, at: instant(now - HOUR) },
    ])
    const [head = '', line = ''] = (await range(asked('cpu', true), deps)).csv().split('\r\n')
    const cell = (name: string) => line.split(',')[head.split(',').indexOf(name)]
    expect(['per_core.1', 'min.per_core.1', 'max.per_core.1', 'load_avg.0'].map(cell)).toEqual([
      '5',
      '5',
      '5',
      '',
    ])
    const [perf = ''] = (await range(asked('perf'), deps)).csv().split('\r\n')
    expect(perf.split(',')).toEqual(
      expect.arrayContaining(['events.cycles.value', 'cycles', 'ipc']),
    )
    expect(perf).not.toContain('unit')
  })

  it('names what was pushed by its tags', async () => {
    const { store, deps } = await open()
    const pushed = (tags: Record<string, string>, warm: number) => ({
      measurement: 'rooms',
      tags,
      fields: { warm },
      at: instant(now - HOUR),
    })
    await store.write('pushed', [pushed({ host: 'a', room: '-1' }, 3), pushed({ host: 'b' }, 4)])
    expect((await range(asked('rooms'), deps)).csv()).toBe(
      'timestamp,series.host=a room=-1.fields.warm,series.host=b.fields.warm\r\n2026-01-21T14:00:00Z,3,4\r\n',
    )
  })

  it('is a line of names where there is nothing', async () => {
    const { deps } = await open()
    expect((await range(asked('pressure'), deps)).csv()).toBe(
      'timestamp,cpu_some,memory_some,memory_full,io_some,io_full\r\n',
    )
  })
})

describe('a comparison as CSV', () => {
  it('says of each line which period it is of', async () => {
    const { store, deps } = await open()
    const usage = (at: number, cpu_some: number) => ({
      measurement: 'pressure',
      tags: { host },
      fields: { cpu_some },
      at: instant(at),
    })
    await store.write('metrics', [usage(now - HOUR, 1), usage(now - HOUR - DAY, 2)])
    const question = {
      ...relativePeriods('hour', 'yesterday', now),
      metricType: 'pressure',
      interval: '1h' as const,
      limit: 10,
      host: undefined,
    }
    expect((await compare(question, deps)).csv()).toBe(
      [
        'period,timestamp,cpu_some,memory_some,memory_full,io_some,io_full',
        'current,2026-01-21T14:00:00Z,1,,,,',
        'comparison,2026-01-20T14:00:00Z,2,,,,',
        '',
      ].join('\r\n'),
    )
  })
})
