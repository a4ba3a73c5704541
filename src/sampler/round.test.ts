import { describe, expect, it } from 'vitest'
import { instant } from '../points/instant.ts'
import type { Reading } from '../points/sample.ts'
import { fakeClock } from '../testing/fake-clock.ts'
import type { Collector, Tick } from './collector.ts'
import { perTick } from './per-tick.ts'
import { openRounds } from './round.ts'

const good: Reading = { kind: 'ok', rows: [{ measurement: 'memory', fields: { total_bytes: 1 } }] }
const memory: Collector = { metric: 'memory', collect: () => good }

const opened = (...collectors: readonly Collector[]) => {
  const fake = fakeClock()
  const said: string[] = []
  const rounds = openRounds({
    clock: fake.clock,
    timers: fake.timers,
    host: 'box',
    collectors,
    log: {
      info: (_, sentence) => said.push(sentence),
      warn: (_, sentence) => said.push(sentence),
    },
  })
  return { fake, rounds, said }
}

describe('a round', () => {
  it('goes on with the others where a collector throws, rejects or has nothing', async () => {
    const { rounds } = opened(
      {
        metric: 'cpu',
        collect: () => {
          throw new Error('/proc/stat cannot be read (EACCES).')
        },
      },
      memory,
      { metric: 'disk', collect: () => Promise.reject(new Error('No disks.')) },
      { metric: 'pressure', collect: () => ({ kind: 'unavailable', reason: 'No PSI.' }) },
    )
    expect(await rounds.run(instant(5_000), 5_000)).toEqual({
      at: instant(5_000),
      host: 'box',
      readings: {
        cpu: { kind: 'unavailable', reason: '/proc/stat cannot be read (EACCES).' },
        memory: good,
        disk: { kind: 'unavailable', reason: 'No disks.' },
        pressure: { kind: 'unavailable', reason: 'No PSI.' },
      },
      // what the host does not have is no error
      errors: [
        { collector: 'cpu', message: '/proc/stat cannot be read (EACCES).' },
        { collector: 'disk', message: 'No disks.' },
      ],
    })
  })

  it.each([
    ['of its own', 700, 5_000, 700],
    ['of two seconds where it says nothing', undefined, 60_000, 2_000],
    ['of half the interval at most', 5_000, 1_000, 500],
  ])('each collector has a deadline, %s', async (_, own, intervalMs, deadlineMs) => {
    const hanging: Collector = {
      metric: 'disk',
      ...(own === undefined ? {} : { deadlineMs: own }),
      collect: () => new Promise<never>(() => {}),
    }
    const { fake, rounds } = opened(memory, hanging)
    let ended = false
    const round = rounds.run(instant(0), intervalMs).finally(() => {
      ended = true
    })
    await fake.advance(deadlineMs - 1)
    expect(ended).toBe(false)
    await fake.advance(1)
    const { readings, errors } = await round
    const message = `It took longer than ${deadlineMs} ms.`
    expect(readings).toEqual({ memory: good, disk: { kind: 'unavailable', reason: message } })
    expect(errors).toEqual([{ collector: 'disk', message }])
  })

  it('does not call a collector again that has not come back, until it has', async () => {
    const calls: ((reading: Reading) => void)[] = []
    const { fake, rounds, said } = opened({
      metric: 'disk',
      collect: () =>
        new Promise((done) => {
          calls.push(done)
        }),
    })
    const run = async () => {
      const round = rounds.run(instant(0), 5_000)
      await fake.advance(2_000)
      return (await round).errors
    }
    expect(await run()).toEqual([{ collector: 'disk', message: 'It took longer than 2000 ms.' }])
    const still = 'It has not come back from an earlier call yet.'
    expect(await run()).toEqual([{ collector: 'disk', message: still }])
    expect(await run()).toEqual([{ collector: 'disk', message: still }])
    expect(calls).toHaveLength(1)

    calls[0]?.(good)
    await fake.advance(0)
    const round = rounds.run(instant(0), 5_000)
    calls[1]?.(good)
    expect((await round).readings).toEqual({ disk: good })
    // each failure is said when it begins, and its end
    expect(said).toEqual([
      ...Array.from({ length: 2 }, () => 'A collector failed; its values are null.'),
      'A collector works again.',
    ])
    expect(rounds.figures()).toMatchObject({ disk: { runs: 2, failures: 3 } })
  })

  it('a rejection after the deadline harms nobody', async () => {
    const calls: ((error: Error) => void)[] = []
    const { fake, rounds } = opened({
      metric: 'disk',
      collect: () =>
        new Promise((_, fail) => {
          calls.push(fail)
        }),
    })
    const round = rounds.run(instant(0), 5_000)
    await fake.advance(2_000)
    await round
    calls[0]?.(new Error('Too late to matter.'))
    await fake.advance(0)
    expect(rounds.figures()).toMatchObject({ disk: { runs: 1, failures: 1 } })
  })

  it('says how long its collectors took', async () => {
    const { fake, rounds } = opened(
      { metric: 'cpu', collect: () => (fake.block(3), good) },
      { metric: 'memory', collect: () => (fake.block(1), good) },
    )
    await rounds.run(instant(0), 5_000)
    await rounds.run(instant(0), 5_000)
    expect(rounds.figures()).toEqual({
      cpu: { runs: 2, failures: 0, lastMs: 3, totalMs: 6 },
      memory: { runs: 2, failures: 0, lastMs: 1, totalMs: 2 },
    })
  })

  it('asks all at the same time: what is read first says the same to all', async () => {
    let reads = 0
    const shared = perTick(() => ++reads)
    const seen: number[] = []
    const looking = (metric: 'cpu' | 'host'): Collector => ({
      metric,
      collect: (tick: Tick) => {
        seen.push(shared(tick))
        return good
      },
    })
    const { rounds } = opened(looking('cpu'), looking('host'))
    await rounds.run(instant(0), 5_000)
    await rounds.run(instant(5_000), 5_000)
    expect(seen).toEqual([1, 1, 2, 2])
  })
})
