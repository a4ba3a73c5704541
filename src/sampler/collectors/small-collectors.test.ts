import { describe, expect, it } from 'vitest'
import { instant } from '../../points/instant.ts'
import { fakeClock } from '../../testing/fake-clock.ts'
import { fakeHostFiles, type FakeHostFiles } from '../../testing/fake-host-files.ts'
import type { Collector } from '../collector.ts'
import { openDisk } from './disk.ts'
import { openMemoryBandwidth } from './memory-bandwidth.ts'
import { openPressure } from './pressure.ts'

const collect = async (collector: Collector, monotonicMs: number) => {
  const reading = await collector.collect({ at: instant(0), monotonicMs })
  return reading.kind === 'ok' ? (reading.rows[0]?.fields ?? {}) : reading.reason
}

describe('memory bandwidth', () => {
  const vmstat = (pswpin: number, pswpout: number, pgpgin = 0) =>
    `nr_free_pages 9\npgpgin ${pgpgin}\npgpgout 0\npswpin ${pswpin}\npswpout ${pswpout}\n`

  it('counts swapping in pages of the machine, paging in KiB', async () => {
    const files = fakeHostFiles({ 'proc/vmstat': vmstat(0, 0) })
    const collector = openMemoryBandwidth({ files, pageBytes: 65_536 })
    await collect(collector, 0)
    files.set({ 'proc/vmstat': vmstat(2, 1, 10) })
    expect(await collect(collector, 1_000)).toMatchObject({
      pswpin_per_sec: 2,
      pswpout_per_sec: 1,
      swap_io_bytes_per_sec: 3 * 65_536,
      pgpgin_per_sec: 10,
      page_io_bytes_per_sec: 10 * 1_024,
      pgfault_per_sec: null,
    })
  })

  it('a sum of which one part is not known is not known', async () => {
    const files = fakeHostFiles({ 'proc/vmstat': vmstat(5, 0) })
    const collector = openMemoryBandwidth({ files, pageBytes: 4_096 })
    await collect(collector, 0)
    files.set({ 'proc/vmstat': vmstat(4, 9) })
    expect(await collect(collector, 1_000)).toMatchObject({
      pswpin_per_sec: null,
      pswpout_per_sec: 9,
      swap_io_bytes_per_sec: null,
    })
  })
})

describe('pressure', () => {
  const line = (kind: string, value: string) => `${kind} avg10=${value} avg60=9 avg300=9 total=9\n`

  it.each([
    [
      'an old kernel, which has no `full` for the processor',
      {
        'proc/pressure/cpu': line('some', '1.50'),
        'proc/pressure/memory': line('some', '0.00') + line('full', '0.10'),
        'proc/pressure/io': line('some', '2.00') + line('full', '99.99'),
      },
      { cpu_some: 1.5, memory_some: 0, memory_full: 0.1, io_some: 2, io_full: 99.99 },
    ],
    [
      'one file only, in another form than it should have',
      { 'proc/pressure/cpu': 'some of it\n' },
      { cpu_some: null, memory_some: null, memory_full: null, io_some: null, io_full: null },
    ],
    [
      'none of it',
      {},
      'The kernel has no PSI: it needs Linux 4.20 or later, built with CONFIG_PSI and not started with psi=0.',
    ],
  ])('%s', async (_, files, expected) => {
    expect(await collect(openPressure({ files: fakeHostFiles(files) }), 0)).toEqual(expected)
  })
})

describe('disks', () => {
  const stats = (read: readonly [reads: number, sectors: number, ms: number], busyMs = 0) =>
    `8 0 sda ${read[0]} 0 ${read[1]} ${read[2]} 0 0 0 0 0 ${busyMs} 0\n`

  const opened = (files: FakeHostFiles) => {
    const disk = openDisk({ files, timers: fakeClock().timers })
    return async (text: string, monotonicMs: number) => {
      files.set({ 'proc/diskstats': text, 'proc/1/mounts': '' })
      const reading = await disk.collect({ at: instant(0), monotonicMs })
      return reading.kind === 'ok' ? reading.rows.map(({ fields }) => fields) : []
    }
  }

  it('are not busier than always, and take no time where nothing is read', async () => {
    const sample = opened(fakeHostFiles({}))
    await sample(stats([1, 1, 1]), 0)
    const [, sda] = await sample(stats([1, 1, 1], 1_003), 1_000)
    expect(sda).toMatchObject({ read_iops: 0, read_latency_ms: null, busy_percent: 100 })
  })

  it('whose millisecond counter of 32 bits wrapped have no latency once, but a rate', async () => {
    const sample = opened(fakeHostFiles({}))
    await sample(stats([10, 100, 4_294_967_290]), 0)
    const [io, sda] = await sample(stats([14, 104, 6]), 1_000)
    expect(sda).toMatchObject({
      read_iops: 4,
      read_latency_ms: null,
      read_bytes_per_sec: 2_048,
    })
    expect(io).toEqual({ read_bytes_per_sec: 2_048, write_bytes_per_sec: 0 })
  })

  it('of a host without any are null together, not 0', async () => {
    const sample = opened(fakeHostFiles({}))
    await sample('', 0)
    expect(await sample('', 1_000)).toEqual([
      { read_bytes_per_sec: null, write_bytes_per_sec: null },
    ])
  })
})
