import { describe, expect, it } from 'vitest'
import { AppError } from '../../app-error.ts'
import { HOUR, instant } from '../../points/instant.ts'
import { demoStore, roomsOf } from '../testing/demo-store.ts'
import { CLI_NOW, runCli } from '../testing/run-cli.ts'

const store = await demoStore(instant(CLI_NOW - 3 * HOUR), ['here', 'other'])
const query = (...argv: string[]) => runCli(['query', ...argv], { rooms: roomsOf(store) })

describe('perfwatch query, from the data folder', () => {
  it('shows a row per field, with units and a sparkline', async () => {
    const { code, out, err } = await query('memory', '--since', '2h')
    const lines = out.split('\n')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(lines[0]).toBe('memory · 2025-01-18 10:00 … 12:00 UTC · 120 windows of 1m')
    expect(lines[2]).toMatch(/^field +last +least +mean +most {2}over time$/)
    expect(lines.find((line) => line.startsWith('total_bytes'))).toMatch(
      /^total_bytes {2,}(16\.0 GiB {2,}){4}▁+$/,
    )
    expect(lines.find((line) => line.startsWith('usage_percent'))).toMatch(/\d+\.\d % {2}[▁-█]+$/)
    expect(lines.length).toBe(3 + 13 + 1)
  })

  it('fits the sparklines into the terminal', async () => {
    for (const columns of [80, 120]) {
      const { out } = await runCli(['query', 'cpu', '--since', '2h'], {
        rooms: roomsOf(store),
        columns,
      })
      const widest = Math.max(
        ...out
          .split('\n')
          .slice(2)
          .map((line) => line.length),
      )
      expect(widest).toBe(columns)
    }
  })

  it('gives windows as CSV, only the fields that were asked for', async () => {
    const { out } = await query(
      'cpu',
      '--since',
      '3m',
      '--interval',
      '1m',
      '--fields',
      'iowait,per_core',
      '--csv',
    )
    const lines = out.trimEnd().split('\n')
    expect(lines[0]).toBe('timestamp,iowait,per_core.0,per_core.1,per_core.2,per_core.3')
    expect(lines.slice(1).map((line) => line.split(',')[0])).toEqual([
      '2025-01-18T11:57:00Z',
      '2025-01-18T11:58:00Z',
      '2025-01-18T11:59:00Z',
    ])
    expect(lines[1]).toMatch(/^[^,]+(,\d+(\.\d+)?){5}$/)
  })

  it('gives the answer of the API as JSON, with the fields that were asked for in their places', async () => {
    const { out } = await query(
      'cpu',
      '--since',
      '2m',
      '--interval',
      '1m',
      '--fields',
      'load_avg_5',
      '--json',
    )
    expect(JSON.parse(out)).toEqual({
      metric_type: 'cpu',
      start_time: '2025-01-18T11:58:00Z',
      end_time: '2025-01-18T12:00:00Z',
      interval: '1m',
      sampling_interval_seconds: 60,
      count: 2,
      truncated: false,
      data_points: ['11:58', '11:59'].map((time) => ({
        timestamp: `2025-01-18T${time}:00Z`,
        data: { load_avg: [null, expect.any(Number), null] },
      })),
    })
  })

  it('asks about this server’s own host, or about the one that was named', async () => {
    const own = await query('cpu', '--since', '1m', '--interval', '1m', '--json')
    const other = await query(
      'cpu',
      '--since',
      '1m',
      '--interval',
      '1m',
      '--json',
      '--host',
      'other',
    )
    expect(JSON.parse(own.out).data_points).not.toEqual(JSON.parse(other.out).data_points)
    expect((await query('cpu', '--host', 'other')).out).toContain('cpu of other · ')
  })

  it('says on standard error that there is more than the limit', async () => {
    const { code, out, err } = await query('cpu', '--interval', '1m', '--limit', '5', '--json')
    expect({ code, count: JSON.parse(out).count }).toEqual({ code: 0, count: 5 })
    expect(err).toBe(
      'Only the first 5 windows are in the answer: raise --limit or take a coarser --interval.\n',
    )
  })

  it('says that nothing was recorded, which is an answer', async () => {
    expect(await query('cpu', '--since', '9d', '--until', '8d')).toEqual({
      code: 0,
      out: 'cpu · 2025-01-09 12:00 … 2025-01-10 12:00 UTC · 0 windows of 5m\n\nNothing was recorded in this time.\n',
      err: '',
    })
  })

  it.each([
    [['nope'], 2, 'Invalid metric_type. Must be one of: cpu,'],
    [['cpu', '--since', 'yesterday'], 2, "--since: 'yesterday' is not a time."],
    [['cpu', '--since', '24'], 2, "--since: '24' is not a time."],
    [['cpu', '--since', '1h', '--until', '2h'], 2, 'start_time must be before end_time'],
    [['cpu', '--interval', '2h'], 2, 'Invalid interval: 2h'],
    [['cpu', '--limit', '0'], 2, 'limit'],
    [
      ['cpu', '--fields', 'usage,iowait'],
      2,
      '--fields: cpu has no usage; it has usage_percent, user,',
    ],
    [['cpu', '--csv', '--json'], 2, 'Give one of --csv and --json.'],
    [['cpu', '--url', 'http://x', '--data-dir', 'y'], 2, 'cannot be used with'],
    [[], 2, "missing required argument 'metric'"],
    [['cpu', '--host', 'nope'], 3, '--host: there is no host nope here;'],
  ])('%j ends with %d and one sentence', async (argv, code, sentence) => {
    const result = await query(...argv)
    expect(result).toMatchObject({ code, out: '' })
    expect(result.err).toMatch(/^error: /)
    expect(result.err).toContain(sentence)
    expect(result.err.trimEnd().split('\n').length).toBeLessThanOrEqual(2)
  })

  it('ends with 3 when the folder cannot be opened', async () => {
    const openStore = async () => {
      throw new AppError({ code: 'setup', detail: 'There is no series.db in x.' })
    }
    expect(await runCli(['query', 'cpu'], { rooms: { ...roomsOf(store), openStore } })).toEqual({
      code: 3,
      out: '',
      err: 'error: There is no series.db in x.\n',
    })
  })

  it('shows no inside of the program when something unforeseen happens', async () => {
    const openStore = async () => {
      throw new TypeError('x is not a function\n    at somewhere (file.ts:1:1)')
    }
    expect(await runCli(['query', 'cpu'], { rooms: { ...roomsOf(store), openStore } })).toEqual({
      code: 3,
      out: '',
      err: 'error: Unexpected failure: x is not a function\n',
    })
  })
})
