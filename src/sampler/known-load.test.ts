import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { createConnection, createServer } from 'node:net'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MetricName } from '../catalog/catalog.ts'
import { systemClock } from '../points/clock.ts'
import { instant } from '../points/instant.ts'
import type { Sample } from '../points/sample.ts'
import { openHostFiles } from './host-files.ts'
import { openCollectors, type OpenCollectors } from './open-collectors.ts'
import { openRounds, type Rounds } from './round.ts'
import { systemTimers } from './timers.ts'

const MIB = 1_048_576

/** /proc read the plain way: by splitting lines, sharing nothing with the collectors. */
const lines = (path: string) => readFileSync(path, 'utf8').split('\n')
const columns = (path: string, label: string) =>
  (
    lines(path).find((line) =>
      line
        .trim()
        .split(/[\s:]+/)
        .includes(label),
    ) ?? ''
  )
    .trim()
    .split(/[\s:]+/)

const plainCpu = () => {
  const [, ...ticks] = columns('/proc/stat', 'cpu').map(Number)
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, soft = 0, steal = 0] = ticks
  return { busy: user + nice + system + irq + soft + steal, idle: idle + iowait }
}
const plainLo = () => {
  const [, received = 0, packets = 0] = columns('/proc/net/dev', 'lo').map(Number)
  return { received, packets }
}
const plainMemory = () => Number(columns('/proc/meminfo', 'MemAvailable')[1]) * 1_024
const plainDisk = (name: string) => Number(columns('/proc/diskstats', name)[9]) * 512

// only Linux has /proc; elsewhere these collectors are not used
describe.runIf(process.platform === 'linux')('under a load that is known, on this host', () => {
  let opened: OpenCollectors
  let rounds: Rounds

  beforeAll(() => {
    opened = openCollectors({
      files: openHostFiles({ proc: '/proc', sys: '/sys', root: '/' }),
      clock: systemClock,
      timers: systemTimers,
      interfacesExclude: 'veth*',
    })
    rounds = openRounds({
      clock: systemClock,
      timers: systemTimers,
      host: 'here',
      collectors: opened.collectors,
    })
  })
  afterAll(() => opened.close())

  const field = (sample: Sample, metric: MetricName, name: string, key?: string): number => {
    const reading = sample.readings[metric]
    const row =
      reading?.kind === 'ok'
        ? reading.rows.find((one) => one.key === key && one.fields[name] !== undefined)
        : undefined
    return row?.fields[name] ?? Number.NaN
  }

  /** What a plain reading and the collectors say of the time in which `load` was put on the host. */
  const under = async <T>(plain: () => T, load: () => Promise<void>) => {
    const run = () => rounds.run(instant(systemClock.now()), 60_000)
    const began = systemClock.monotonic()
    const before = plain()
    await run()
    const inner = systemClock.monotonic()
    await load()
    const innerMs = systemClock.monotonic() - inner
    const sample = await run()
    const after = plain()
    return { before, after, sample, innerMs, outerMs: systemClock.monotonic() - began }
  }

  const passed = (ms: number) =>
    new Promise<void>((done) => {
      systemTimers.after(ms, done)
    })

  it('a processor that is kept busy is seen to be', async () => {
    // ends by itself, should this process be killed before it can do that
    const busyFor = 'const end = Date.now() + 15000; while (Date.now() < end);'
    const child = spawn(process.execPath, ['-e', busyFor], { stdio: 'ignore' })
    await once(child, 'spawn')
    const { before, after, sample } = await under(plainCpu, () => passed(2_000))
    child.kill('SIGKILL')
    await once(child, 'exit')
    const busy = after.busy - before.busy
    const share = (100 * busy) / (busy + after.idle - before.idle)
    const usage = field(sample, 'cpu', 'usage_percent')
    // both cover 2 s of 100 ticks and a core or more: one tick at either end, and the readings are not at one instant
    expect(Math.abs(usage - share)).toBeLessThan(5)
    // one core is never idle; under the load of others the child may get less of it, but then they are busy
    expect(usage).toBeGreaterThan((100 / availableParallelism()) * 0.85)
  })

  it('what goes through the loopback is counted', async () => {
    const sent = 32 * MIB
    const server = createServer((socket) => socket.resume())
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const { before, after, sample, innerMs, outerMs } = await under(plainLo, async () => {
      const socket = createConnection(port, '127.0.0.1')
      socket.end(Buffer.alloc(sent))
      await once(socket, 'close')
    })
    server.close()
    const rate = field(sample, 'network', 'bytes_recv_per_sec', 'lo')
    // all of it went through between the two rounds, whose distance lies between the two times measured here
    expect(rate).toBeGreaterThanOrEqual((sent * 1_000) / outerMs)
    expect(rate).toBeLessThanOrEqual(((after.received - before.received) * 1_000) / innerMs + 0.1)
    expect(field(sample, 'network', 'packets_recv_per_sec', 'lo')).toBeLessThanOrEqual(
      ((after.packets - before.packets) * 1_000) / innerMs + 0.1,
    )
  })

  it('what is written to the disk is counted', async ({ skip }) => {
    const written = 16 * MIB
    const folder = mkdtempSync(join(tmpdir(), 'known-load-'))
    const file = join(folder, 'file')
    const disks = lines('/proc/diskstats').flatMap((line) => line.trim().split(/\s+/)[2] ?? [])
    const plain = () => new Map(disks.map((name) => [name, plainDisk(name)]))
    const { before, after, sample, innerMs, outerMs } = await under(plain, async () => {
      const fd = openSync(file, 'w')
      for (let mib = 0; mib < written / MIB; mib++) writeSync(fd, Buffer.alloc(MIB, mib))
      fsyncSync(fd)
      closeSync(fd)
    })
    rmSync(folder, { recursive: true })
    const reading = sample.readings.disk
    const rows = reading?.kind === 'ok' ? reading.rows : []
    const devices = rows.filter(({ measurement }) => measurement === 'disk_device')
    let plainBytes = 0
    for (const { key = '', fields } of devices) {
      const grown = (after.get(key) ?? Number.NaN) - (before.get(key) ?? Number.NaN)
      plainBytes += grown
      // a tenth is what a rate is rounded to
      expect(fields['write_bytes_per_sec']).toBeLessThanOrEqual((grown * 1_000) / innerMs + 0.1)
    }
    const rate = field(sample, 'disk', 'write_bytes_per_sec')
    skip(plainBytes < written, 'The temporary folder is on no disk of this host.')
    expect(rate).toBeGreaterThanOrEqual((written * 1_000) / outerMs)
  })

  // others may free as much in the same moment: that is their load, not a wrong reading
  it('memory that is taken is missing', { retry: 3 }, async () => {
    const taken = 512 * MIB
    const held: Buffer[] = []
    const first = await rounds.run(instant(systemClock.now()), 60_000)
    const { before, after, sample } = await under(plainMemory, async () => {
      for (let mib = 0; mib < taken / MIB; mib += 16) held.push(Buffer.alloc(16 * MIB, 1))
    })
    const grown = field(sample, 'memory', 'used_bytes') - field(first, 'memory', 'used_bytes')
    expect(grown).toBeGreaterThan(taken / 2)
    expect(Math.abs(grown - (before - after))).toBeLessThan(taken / 4)
    expect(held).toHaveLength(taken / MIB / 16)
  })
})
