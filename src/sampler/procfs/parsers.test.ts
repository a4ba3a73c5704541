import { describe, expect, it } from 'vitest'
import { parseDiskstats } from './diskstats.ts'
import { parseLoadAverage } from './loadavg.ts'
import { parseNetDev } from './net-dev.ts'
import { parseStat } from './stat.ts'
import { readTopology } from './topology.ts'

describe('/proc/stat', () => {
  it('gives the processors that are online, and the counters below them', () => {
    const text = `cpu  9 9 9 9 9 9 9 9 9 9
cpu0 1 2 3 4 5 6 7 8 9 10
cpu3 11 12 13 14 15 16 17 18
intr 100 7 7 7
ctxt 200
btime 1
processes 300
procs_running 4
procs_blocked 5
`
    expect(parseStat(text)).toEqual({
      cores: [
        { core: 0, user: 1, nice: 2, system: 3, idle: 4, iowait: 5, irq: 6, softirq: 7, steal: 8 },
        {
          core: 3,
          user: 11,
          nice: 12,
          system: 13,
          idle: 14,
          iowait: 15,
          irq: 16,
          softirq: 17,
          steal: 18,
        },
      ],
      interrupts: 100,
      contextSwitches: 200,
      forks: 300,
      running: 4,
      blocked: 5,
    })
  })

  it.each([[''], ['cpu'], ['nonsense\n'], ['cpu  1 2 3\n']])('is unknown, not 0, in %j', (text) => {
    const stat = parseStat(text)
    expect(stat.cores.filter(({ user }) => Number.isFinite(user))).toEqual([])
    expect(stat.interrupts).toBeNaN()
  })
})

describe('/proc/loadavg', () => {
  it.each([
    ['0.04 1.05 20.02 3/119 7284\n', [0.04, 1.05, 20.02, 119]],
    ['', [Number.NaN, Number.NaN, Number.NaN, Number.NaN]],
  ])('%j', (text, [minutes1, minutes5, minutes15, tasks]) => {
    expect(parseLoadAverage(text)).toEqual({ minutes1, minutes5, minutes15, tasks })
  })
})

describe('/proc/net/dev', () => {
  const headings = 'Inter-|   Receive  |  Transmit\n face |bytes    packets|bytes packets\n'
  const eth0 = {
    name: 'eth0',
    bytesIn: 1,
    packetsIn: 2,
    errorsIn: 3,
    dropsIn: 4,
    bytesOut: 9,
    packetsOut: 10,
    errorsOut: 11,
    dropsOut: 12,
  }

  it.each([
    ['a blank behind the colon', '  eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n', [eth0]],
    ['no blank', '  eth0:1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n', [eth0]],
    ['no newline at the end', 'eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16', [eth0]],
    ['no interface', '', []],
  ])('%s', (_, lines, expected) => {
    expect(parseNetDev(headings + lines)).toEqual(expected)
  })

  it('a short line has unknown numbers, not those of the next', () => {
    const [first, second] = parseNetDev(`${headings}a: 1 2\nb: 1 2 3 4 5 6 7 8 9 10 11 12 13\n`)
    expect([first?.dropsIn, first?.bytesOut]).toEqual([Number.NaN, Number.NaN])
    expect(second?.bytesOut).toBe(9)
  })
})

describe('/proc/diskstats', () => {
  const sda = {
    name: 'sda',
    reads: 1,
    sectorsRead: 3,
    msReading: 4,
    writes: 5,
    sectorsWritten: 7,
    msWriting: 8,
    msBusy: 10,
  }

  it.each([
    ['14 columns', '   8       0 sda 1 2 3 4 5 6 7 8 9 10 11\n', [sda]],
    ['20 columns', '   8       0 sda 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n', [sda]],
    ['another disk', '   8       0 sdb 1 2 3 4 5 6 7 8 9 10 11\n', []],
    ['nothing', '', []],
    ['blank lines', '\n\n', []],
  ])('%s', (_, text, expected) => {
    expect(parseDiskstats(text, (name) => name === 'sda')).toEqual(expected)
  })
})

describe('the topology', () => {
  const files = (table: Readonly<Record<string, string>>) => ({
    readOnce: (path: string) => table[path.replace('sys/devices/system/cpu/', '')],
  })
  const place = (core: number, socket: number, coreId: number, die?: number) => ({
    [`cpu${core}/topology/physical_package_id`]: `${socket}\n`,
    [`cpu${core}/topology/core_id`]: `${coreId}\n`,
    ...(die === undefined ? {} : { [`cpu${core}/topology/die_id`]: `${die}\n` }),
  })

  it.each([
    ['two threads of one core', { ...place(0, 0, 0), ...place(1, 0, 0) }, 1],
    ['the same number on two sockets', { ...place(0, 0, 0), ...place(1, 1, 0) }, 2],
    ['the same number on two dies', { ...place(0, 0, 0, 0), ...place(1, 0, 0, 1) }, 2],
    ['one that does not say', place(0, 0, 0), null],
    ['none that says', {}, null],
  ])('%s', (_, table, physicalCores) => {
    expect(readTopology(files(table), [0, 1]).physicalCores).toBe(physicalCores)
  })
})
