import { describe, expect, it } from 'vitest'
import { instant } from '../../points/instant.ts'
import { fakeHostFiles, type FakeHostFiles } from '../../testing/fake-host-files.ts'
import { openNetwork, shownBut } from './network.ts'

/** Bytes received and sent, by interface. */
type Bytes = Readonly<Record<string, readonly [received: number, sent: number]>>

const devText = (bytes: Bytes) =>
  Object.entries(bytes)
    .map(([name, [received, sent]]) => `${name}: ${received} 1 0 0 0 0 0 0 ${sent} 1 0 0 0 0 0 0\n`)
    .join('')

const physical = (...names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [`sys/class/net/${name}/device/vendor`, '0x8086\n']))

const opened = (files: FakeHostFiles, interfacesExclude = 'veth*,dummy*') => {
  const network = openNetwork({ files, interfacesExclude })
  let monotonicMs = 0
  return async (bytes: Bytes, afterMs = 1_000) => {
    files.set({ 'proc/1/net/dev': devText(bytes) })
    monotonicMs += afterMs
    const reading = await network.collect({ at: instant(monotonicMs), monotonicMs })
    const rows = reading.kind === 'ok' ? reading.rows : []
    const of = (measurement: string) => rows.filter((row) => row.measurement === measurement)
    return {
      totals: of('network')[0]?.fields,
      connections: of('network_connections')[0]?.fields,
      received: Object.fromEntries(
        of('network_interface').map(({ key, fields }) => [key, fields['bytes_recv_per_sec']]),
      ),
    }
  }
}

const totals = (
  received: number | null,
  sent: number | null,
  totalReceived: number | null,
  totalSent: number | null,
) => ({
  bytes_recv_per_sec: received,
  bytes_sent_per_sec: sent,
  total_bytes_recv: totalReceived,
  total_bytes_sent: totalSent,
})

describe('the totals', () => {
  it('are of the physical interfaces, so that nothing counts twice', async () => {
    const sample = opened(fakeHostFiles(physical('eth0', 'eth1')))
    await sample({ lo: [9, 9], eth0: [100, 10], eth1: [200, 20], bond0: [300, 30], veth1: [5, 5] })
    const next = await sample({
      lo: [99, 99],
      eth0: [150, 15],
      eth1: [260, 26],
      bond0: [410, 41],
      veth1: [5, 5],
    })
    expect(next.totals).toEqual(totals(110, 11, 410, 41))
  })

  it('are of all that are shown but the loopback where none is physical', async () => {
    const sample = opened(fakeHostFiles({}))
    await sample({ lo: [9, 9], eth0: [100, 10], veth1: [7, 7] })
    const next = await sample({ lo: [99, 99], eth0: [150, 15], veth1: [700, 700] })
    expect(next.totals).toEqual(totals(50, 5, 150, 15))
  })

  it('also count a physical interface that is not shown', async () => {
    const sample = opened(fakeHostFiles(physical('eth0', 'eth1')), 'eth1')
    await sample({ eth0: [0, 0], eth1: [0, 0] })
    const next = await sample({ eth0: [1, 1], eth1: [2, 2] })
    expect([next.totals, next.received]).toEqual([totals(3, 3, 3, 3), { eth0: 1 }])
  })

  it('have no spike when an interface comes', async () => {
    const sample = opened(fakeHostFiles(physical('eth0', 'usb0')))
    await sample({ eth0: [100, 10] })
    const next = await sample({ eth0: [130, 13], usb0: [5_000, 500] })
    expect(next.totals).toEqual(totals(30, 3, 5_130, 513))
    expect(next.received).toEqual({ eth0: 30, usb0: null })
  })

  it('are null once where they fell: an interface went, or its counters began anew', async () => {
    const sample = opened(fakeHostFiles(physical('eth0', 'eth1')))
    await sample({ eth0: [100, 10], eth1: [200, 20] })
    expect((await sample({ eth0: [150, 15] })).totals).toEqual(totals(null, null, 150, 15))
    expect((await sample({ eth0: [170, 17] })).totals).toEqual(totals(20, 2, 170, 17))
    const reset = await sample({ eth0: [3, 30] })
    // received began anew, sent did not
    expect(reset.totals).toEqual(totals(null, 13, 3, 30))
    expect(reset.received).toEqual({ eth0: null })
  })

  it('are null where there is no interface', async () => {
    expect((await opened(fakeHostFiles({}))({})).totals).toEqual(totals(null, null, null, null))
  })
})

describe('the names that are hidden', () => {
  it.each([
    ['veth*,cali*', 'veth12ab', true],
    ['veth*,cali*', 'eth0', false],
    ['veth*', 'myveth0', false],
    [' veth* , , br-* ', 'br-12', true],
    ['eth?', 'eth0', true],
    ['eth?', 'eth10', false],
    ['bond0.100', 'bond0x100', false],
    ['a(b|c)', 'ab', false],
    ['*', 'lo', true],
    ['', 'veth0', false],
    [',', 'veth0', false],
  ])('%j hides %s: %s', (globs, name, hidden) => {
    expect(shownBut(globs)(name)).toBe(!hidden)
  })
})

describe('connections', () => {
  const table = (count: number) =>
    `  sl  local_address rem_address   st\n${' 0: 0:0 0:0 0A 0\n'.repeat(count)}`

  it('listening ones are counted behind the samples, once a minute', async () => {
    const files = fakeHostFiles({
      'proc/1/net/tcp': table(2),
      'proc/1/net/tcp6': table(1),
      'proc/1/net/snmp': 'Tcp: CurrEstab\nTcp: 5\n',
      'proc/1/net/sockstat': 'TCP: inuse 1 tw 6\n',
    })
    const sample = opened(files)
    const seen: unknown[] = []
    const next = async (afterMs: number) => {
      seen.push((await sample({ lo: [0, 0] }, afterMs)).connections?.['listen'])
      await new Promise(setImmediate)
    }
    await next(1_000)
    await next(1_000)
    files.set({ 'proc/1/net/tcp': table(7) })
    await next(57_000)
    await next(2_000)
    await next(1_000)
    expect(seen).toEqual([null, 3, 3, 3, 8])
    expect((await sample({ lo: [0, 0] })).connections).toEqual({
      established: 5,
      time_wait: 6,
      listen: 8,
    })
  })

  it('are null where they cannot be counted, and the rest is read all the same', async () => {
    const sample = opened(fakeHostFiles({ 'proc/1/net/tcp': '' }))
    const { connections, received } = await sample({ lo: [0, 0] })
    expect(connections).toEqual({ established: null, time_wait: null, listen: null })
    expect(received).toEqual({ lo: null })
  })
})

it('the reader’s own namespace is read where process 1 may not be looked at', async () => {
  const files = fakeHostFiles({ 'proc/net/dev': devText({ eth0: [1, 2] }) })
  const network = openNetwork({ files, interfacesExclude: '' })
  const reading = await network.collect({ at: instant(0), monotonicMs: 0 })
  expect(reading).toMatchObject({ kind: 'ok', rows: [{}, { key: 'eth0' }, {}] })
  files.set({ 'proc/net/dev': undefined })
  expect(() => network.collect({ at: instant(0), monotonicMs: 0 })).toThrow('cannot be read')
})
