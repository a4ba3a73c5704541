// @ts-expect-error it has no types: what is used of it is `Procfs` below
import otherReader from '@stroncium/procfs'
import systeminformation from 'systeminformation'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MetricName } from '../catalog/catalog.ts'
import { systemClock } from '../points/clock.ts'
import type { Row, Sample } from '../points/sample.ts'
import { openHostFiles, type HostFiles } from './host-files.ts'
import { openCollectors, type OpenCollectors } from './open-collectors.ts'
import { parseDiskstats } from './procfs/diskstats.ts'
import { parseLoadAverage } from './procfs/loadavg.ts'
import { parseNetDev } from './procfs/net-dev.ts'
import { parseStat } from './procfs/stat.ts'
import { countListening } from './procfs/tcp.ts'
import { sampleOnce } from './sample-once.ts'
import { systemTimers } from './timers.ts'

/** An independent reader of /proc, as far as it is used here. */
type Procfs = {
  stat(): {
    readonly cpuTime: readonly Readonly<Record<'user' | 'nice' | 'system' | 'softirq', number>>[]
    readonly interrupts: number
    readonly contextSwitches: number
    readonly forks: number
  }
  loadavg(): { readonly jobsAverage15Minutes: number; readonly existingEntities: number }
  meminfo(): Readonly<
    Record<'total' | 'available' | 'cached' | 'slabReclaimable' | 'buffers' | 'shmem', number>
  >
  processNetDev(pid: number): readonly NetDev[]
  diskstats(): readonly Diskstat[]
  uptime(): { readonly time: number }
}
type NetDev = { readonly name: string } & Readonly<
  Record<'rxBytes' | 'rxPackets' | 'rxErrors' | 'rxDrop', number> &
    Record<'txBytes' | 'txPackets' | 'txErrors' | 'txDrop', number>
>
type Diskstat = { readonly name: string } & Readonly<
  Record<'reads' | 'sectorsRead' | 'readTime' | 'writes' | 'sectorsWriten', number> &
    Record<'writeTime' | 'ioTime', number>
>

const { procfs }: { readonly procfs: Procfs } = otherReader

const MB = 1_000_000

/** A counter read between two others cannot be below the first nor above the second. */
const between = (
  before: Readonly<Record<string, number>>,
  ours: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
) => {
  for (const [name, value] of Object.entries(ours)) {
    expect(value, name).toBeGreaterThanOrEqual(before[name] ?? Number.NaN)
    expect(value, name).toBeLessThanOrEqual(after[name] ?? Number.NaN)
  }
}

// only Linux has /proc; elsewhere these collectors are not used
describe.runIf(process.platform === 'linux')('against other readers, on this host', () => {
  let files: HostFiles
  let opened: OpenCollectors

  beforeAll(() => {
    files = openHostFiles({ proc: '/proc', sys: '/sys', root: '/' })
    opened = openCollectors({
      files,
      clock: systemClock,
      timers: systemTimers,
      interfacesExclude: 'veth*',
    })
  })
  afterAll(() => opened.close())

  const sampleNow = () =>
    sampleOnce({
      clock: systemClock,
      timers: systemTimers,
      host: 'here',
      collectors: opened.collectors,
      apartMs: 50,
    })

  const rowsOf = (sample: Sample, metric: MetricName): readonly Row[] => {
    const reading = sample.readings[metric]
    return reading?.kind === 'ok' ? reading.rows : []
  }
  const numbers = (row: Row | undefined): Readonly<Record<string, number>> =>
    Object.fromEntries(
      Object.entries(row?.fields ?? {}).map(([name, value]) => [name, value ?? Number.NaN]),
    )

  it('procfs reads the same processors and counters out of /proc/stat', () => {
    const flat = ({ cpuTime, interrupts, contextSwitches, forks }: ReturnType<Procfs['stat']>) => ({
      interrupts,
      contextSwitches,
      forks,
      ...Object.fromEntries(
        cpuTime.flatMap((times, core) =>
          (['user', 'nice', 'system', 'softirq'] as const).map((state) => [
            `${core} ${state}`,
            times[state],
          ]),
        ),
      ),
    })
    const before = procfs.stat()
    const { cores, interrupts, contextSwitches, forks } = parseStat(files.read('proc/stat'))
    const after = procfs.stat()
    expect(cores).toHaveLength(before.cpuTime.length)
    between(flat(before), flat({ cpuTime: cores, interrupts, contextSwitches, forks }), flat(after))
  })

  it('procfs reads the same counters of every interface', () => {
    const flat = (list: readonly NetDev[]) =>
      Object.fromEntries(
        list.flatMap(({ name, ...counters }) =>
          Object.entries(counters).map(([counter, value]) => [`${name} ${counter}`, value]),
        ),
      )
    const before = procfs.processNetDev(1)
    const ours = parseNetDev(files.read('proc/1/net/dev')).map((one): NetDev => ({
      name: one.name,
      rxBytes: one.bytesIn,
      rxPackets: one.packetsIn,
      rxErrors: one.errorsIn,
      rxDrop: one.dropsIn,
      txBytes: one.bytesOut,
      txPackets: one.packetsOut,
      txErrors: one.errorsOut,
      txDrop: one.dropsOut,
    }))
    const after = procfs.processNetDev(1)
    expect(ours.map(({ name }) => name)).toEqual(before.map(({ name }) => name))
    between(flat(before), flat(ours), flat(after))
  })

  it('procfs reads the same counters of every disk', () => {
    const flat = (list: readonly Diskstat[]) =>
      Object.fromEntries(
        list.flatMap((disk) =>
          (
            [
              'reads',
              'sectorsRead',
              'readTime',
              'writes',
              'sectorsWriten',
              'writeTime',
              'ioTime',
            ] as const
          ).map((counter) => [`${disk.name} ${counter}`, disk[counter]]),
        ),
      )
    const before = procfs.diskstats()
    const ours = parseDiskstats(files.read('proc/diskstats'), () => true).map((one): Diskstat => ({
      name: one.name,
      reads: one.reads,
      sectorsRead: one.sectorsRead,
      readTime: one.msReading,
      writes: one.writes,
      sectorsWriten: one.sectorsWritten,
      writeTime: one.msWriting,
      ioTime: one.msBusy,
    }))
    const after = procfs.diskstats()
    expect(ours.map(({ name }) => name)).toEqual(before.map(({ name }) => name))
    between(flat(before), flat(ours), flat(after))
  })

  it('procfs reads the same memory, as far as it stands still for a moment', async () => {
    const other = procfs.meminfo()
    const ours = numbers(rowsOf(await sampleNow(), 'memory')[0])
    expect(ours['total_bytes']).toBe(other.total)
    // what other processes take and free in 50 ms
    const slack = Math.max(100 * MB, other.total / 50)
    const pairs = [
      [ours['available_bytes'], other.available],
      [ours['cached_bytes'], other.cached + other.slabReclaimable],
      [ours['buffers_bytes'], other.buffers],
      [ours['shared_bytes'], other.shmem],
    ] as const
    for (const [mine, theirs] of pairs)
      expect(Math.abs((mine ?? Number.NaN) - theirs)).toBeLessThan(slack)
  })

  it('procfs reads the same load and uptime', () => {
    // the averages change every 5 s: of two readings around ours one must be the same
    const before = procfs.loadavg()
    const ours = parseLoadAverage(files.read('proc/loadavg'))
    const after = procfs.loadavg()
    expect([before.jobsAverage15Minutes, after.jobsAverage15Minutes]).toContain(ours.minutes15)
    expect(ours.tasks).toBeGreaterThan(1)
    expect(Number.parseFloat(files.read('proc/uptime'))).toBeGreaterThanOrEqual(
      procfs.uptime().time - 1,
    )
  })

  it('the listening sockets are those that the whole table says', async () => {
    const whole = (text: string) =>
      text
        .split('\n')
        .slice(1)
        .filter((line) => line.trim().split(/\s+/)[3] === '0A').length
    // sockets of others come and go: ours lies between two countings, or equals one
    const before = whole(files.read('proc/1/net/tcp'))
    const ours = await countListening(files.pieces('proc/1/net/tcp'))
    const after = whole(files.read('proc/1/net/tcp'))
    expect(ours).toBeGreaterThanOrEqual(Math.min(before, after))
    expect(ours).toBeLessThanOrEqual(Math.max(before, after))
  })

  it('systeminformation sees the same processors, memory and file system', async () => {
    const sample = await sampleNow()
    const [cpu, memory, sizes] = await Promise.all([
      systeminformation.cpu(),
      systeminformation.mem(),
      systeminformation.fsSize(),
    ])
    const [all, ...cores] = rowsOf(sample, 'cpu')
    expect(numbers(all)).toMatchObject({ core_count: cpu.cores, physical_cores: cpu.physicalCores })
    expect(cores).toHaveLength(cpu.cores)

    const ours = numbers(rowsOf(sample, 'memory')[0])
    expect(ours).toMatchObject({ total_bytes: memory.total, swap_total_bytes: memory.swaptotal })
    // it answers up to seconds later, on a machine where other tests run
    expect(Math.abs((ours['available_bytes'] ?? Number.NaN) - memory.available)).toBeLessThan(
      memory.total / 20,
    )

    const root = sizes.find(({ mount }) => mount === '/')
    const mine = numbers(rowsOf(sample, 'disk').find(({ key }) => key === '/'))
    // `df` gives KiB; used differs by what is written meanwhile
    expect(Math.abs((mine['total_bytes'] ?? Number.NaN) - (root?.size ?? 0))).toBeLessThan(2_048)
    expect(Math.abs((mine['used_bytes'] ?? Number.NaN) - (root?.used ?? 0))).toBeLessThan(500 * MB)
  })

  it('systeminformation counts the same bytes of the interfaces', async () => {
    const before = await sampleNow()
    const stats = await systeminformation.networkStats('*')
    const after = await sampleNow()
    const totals = (sample: Sample) => numbers(rowsOf(sample, 'network')[0])
    const physical = stats.filter(({ iface }) => files.exists(`sys/class/net/${iface}/device`))
    const counted = physical.length > 0 ? physical : stats.filter(({ iface }) => iface !== 'lo')
    between(
      totals(before),
      {
        total_bytes_recv: counted.reduce((sum, one) => sum + one.rx_bytes, 0),
        total_bytes_sent: counted.reduce((sum, one) => sum + one.tx_bytes, 0),
      },
      totals(after),
    )
  })
})
