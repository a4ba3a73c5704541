import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { instant } from '../../points/instant.ts'
import type { Sample } from '../../points/sample.ts'
import type { Rooms } from '../rooms.ts'
import { makeSyntheticHost } from '../seed/synthetic-host.ts'
import { CLI_NOW, runCli } from '../testing/run-cli.ts'

const host = makeSyntheticHost({ host: 'here', seed: 1 })
const whole = host.sampleAt(CLI_NOW)
const broken: Sample = {
  ...whole,
  readings: {
    cpu: whole.readings.cpu ?? { kind: 'unavailable', reason: '' },
    perf_events: { kind: 'unavailable', reason: 'perf is not installed.' },
  },
  errors: [{ collector: 'memory', message: 'no such file \u001b[31m' }],
}

describe('perfwatch sample', () => {
  it('shows every metric of the catalogue, with units', async () => {
    const { code, out, err } = await runCli(['sample'], {
      rooms: { sampleOnce: async () => whole },
    })
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out.split('\n')[0]).toBe('here · 2025-01-18 12:00 UTC')
    for (const title of [
      'CPU',
      'Memory',
      'Network',
      'Disk',
      'Hardware counters',
      'Pressure',
      'Host',
    ])
      expect(out).toMatch(new RegExp(`^${title}$`, 'm'))
    expect(out).toMatch(/total_bytes {2,}16\.0 GiB/)
    expect(out).toMatch(/^ {2}core {2}usage_percent {2}frequency_mhz {2}temperature_celsius$/m)
    expect(out).toMatch(/^ {2}3 {2,}\d+\.\d % {2,}\d+ MHz {2,}\d+\.0 °C$/m)
  })

  it.each([60, 80, 120, 200])('stays within %d columns', async (columns) => {
    const { out } = await runCli(['sample'], { rooms: { sampleOnce: async () => whole }, columns })
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(columns)
  })

  it('says why something is missing, and which collector failed', async () => {
    const { code, out } = await runCli(['sample'], { rooms: { sampleOnce: async () => broken } })
    expect(code).toBe(0)
    expect(out).toContain('Hardware counters not available: perf is not installed.\n')
    expect(out).toContain('Disk gave nothing at this tick\n')
    expect(out).toContain('memory failed: no such file ?[31m\n')
  })

  it('gives the live frame as JSON', async () => {
    const { out } = await runCli(['sample', '--json'], { rooms: { sampleOnce: async () => whole } })
    expect(JSON.parse(out)).toMatchObject({
      type: 'metrics',
      timestamp: '2025-01-18T12:00:00Z',
      data: { cpu: { core_count: 4 }, memory: { total_bytes: 17_179_869_184 } },
    })
  })
})

describe('perfwatch sample --watch without a terminal', () => {
  /** Two samples, then a Ctrl-C. */
  const run = async (...argv: string[]) => {
    const signals = new EventEmitter()
    const asked: number[] = []
    let stopped = 0
    const watch: Rooms['watch'] = async (_, intervalMs, onSample) => {
      asked.push(intervalMs)
      onSample(whole)
      onSample({ ...whole, at: instant(whole.at + intervalMs) })
      setImmediate(() => signals.emit('SIGINT'))
      return async () => {
        stopped += 1
      }
    }
    const result = await runCli(['sample', '--watch', ...argv], { rooms: { watch }, signals })
    return { ...result, asked, stopped }
  }

  it('writes a line per sample until Ctrl-C', async () => {
    const { code, out, asked, stopped } = await run()
    expect({ code, asked, stopped }).toEqual({ code: 0, asked: [2000], stopped: 1 })
    expect(out.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^2025-01-18T12:00:00Z {2}cpu=\d+\.\d% {2}memory=\d+\.\d% {2}network=/),
      expect.stringMatching(/^2025-01-18T12:00:02Z {2}cpu=/),
    ])
  })

  it('writes a frame per line with --json', async () => {
    const { out, asked } = await run('--json', '--interval', '0.5')
    expect(asked).toEqual([500])
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).timestamp),
    ).toEqual(['2025-01-18T12:00:00Z', '2025-01-18T12:00:00.500Z'])
  })

  it.each(['0', '0.1', '3601', 'x', '', '-1'])('an interval of %j is refused', async (interval) => {
    expect(await runCli(['sample', '--watch', '--interval', interval])).toEqual({
      code: 2,
      out: '',
      err: `error: --interval: '${interval}' is not 0.2 to 3600 seconds.\n`,
    })
  })
})
