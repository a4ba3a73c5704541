import { describe, expect, it } from 'vitest'
import { AppError } from '../../app-error.ts'
import { DAY, HOUR, instant } from '../../points/instant.ts'
import type { Point } from '../../points/point.ts'
import { createMemoryStore } from '../../testing/memory-store.ts'
import { DEMO, fillDemo, instantsOf } from '../seed/fill.ts'
import { demoStore, roomsOf } from '../testing/demo-store.ts'
import { CLI_NOW, runCli } from '../testing/run-cli.ts'

describe('the instants that are seeded', () => {
  const all = [...instantsOf(CLI_NOW, 30)]

  it('rise from 30 days ago until now, and never leave a gap of over a minute', () => {
    expect(all[0]).toBe(CLI_NOW - 30 * DAY)
    expect(all.at(-1)).toBe(CLI_NOW - 5_000)
    const steps = new Set(all.slice(1).map((at, index) => at - (all[index] ?? 0)))
    expect([...steps].sort((a, b) => a - b)).toEqual([5_000, 10_000, 60_000])
  })

  it('are dense where raw is kept: no step that would count as a gap', () => {
    const week = all.filter((at) => at >= CLI_NOW - 7 * DAY)
    const longest = Math.max(...week.slice(1).map((at, index) => at - (week[index] ?? 0)))
    expect(longest).toBeLessThanOrEqual(2.5 * 5_000)
  })

  it('of one day are of that day', () => {
    const day = [...instantsOf(instant(CLI_NOW + 1_234), 1)]
    expect([day.length, day[0], day.at(-1)]).toEqual([17_280, CLI_NOW - DAY, CLI_NOW - 5_000])
  })
})

it('seeding writes in batches, under the host demo alone, and rolls up each day once it is written', async () => {
  const hosts = new Set<string | undefined>()
  const log: string[] = []
  let points = 0
  let newest = 0
  let progress = 0
  const written = await fillDemo(
    {
      write: async (dataset, batch: readonly Point[]) => {
        expect(batch.length).toBeLessThan(2_100)
        for (const point of batch) hosts.add(point.tags['host'])
        newest = batch.at(-1)?.at ?? 0
        points += batch.length
        log.push(dataset)
      },
      rollUp: async (range) => {
        log.push(`roll ${new Date(range?.from ?? 0).toISOString().slice(0, 10)}`)
        expect(newest).toBeLessThan(range?.to ?? 0)
        expect(newest).toBeGreaterThanOrEqual((range?.to ?? 0) - DAY)
        return 0
      },
    },
    CLI_NOW,
    1,
    (days) => {
      expect(days).toBeGreaterThanOrEqual(progress)
      progress = days
    },
  )
  expect([...hosts]).toEqual([DEMO])
  expect([written, progress]).toEqual([points, 1])
  expect(log.filter((entry) => entry !== 'metrics')).toEqual(['roll 2025-01-17', 'roll 2025-01-18'])
  expect(log.at(-1)).toBe('roll 2025-01-18')
})

describe('perfwatch seed', () => {
  it('removes the host demo and nothing else', async () => {
    const store = await demoStore(instant(CLI_NOW - HOUR), ['here', DEMO])
    const remove = () => runCli(['seed', '--remove'], { rooms: roomsOf(store) })
    expect(await remove()).toEqual({
      code: 0,
      out: 'Removed everything of the host demo.\n',
      err: '',
    })
    expect((await store.hosts()).map(({ host }) => host)).toEqual(['here'])
    expect(await remove()).toEqual({
      code: 0,
      out: 'There is nothing of the host demo.\n',
      err: '',
    })
  })

  it('refuses where this host itself is called demo', async () => {
    const about = async () => ({ host: DEMO, samplingIntervalMs: 5_000 })
    const store = createMemoryStore({ clock: { now: () => CLI_NOW } })
    const result = await runCli(['seed', '--remove'], { rooms: { ...roomsOf(store), about } })
    expect(result).toMatchObject({ code: 1, out: '' })
    expect(result.err).toContain('This host itself is called demo')
  })

  it('says in one sentence that a server has the folder', async () => {
    const openStore = async () => {
      throw new AppError({ code: 'setup', detail: 'x is in use by another PerfWatch server.' })
    }
    const store = createMemoryStore({ clock: { now: () => CLI_NOW } })
    expect(await runCli(['seed'], { rooms: { ...roomsOf(store), openStore } })).toEqual({
      code: 1,
      out: '',
      err: 'error: x is in use by another PerfWatch server.\n',
    })
  })

  it.each(['0', '401', '1.5', 'x', '-3', ''])('%j days are refused', async (days) => {
    expect(await runCli(['seed', `--days=${days}`])).toEqual({
      code: 2,
      out: '',
      err: `error: --days: '${days}' is not a whole number from 1 to 400.\n`,
    })
  })
})
