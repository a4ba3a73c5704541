import { describe, expect, it } from 'vitest'
import { instant, toIso, type Instant } from '../points/instant.ts'
import type { Sample } from '../points/sample.ts'
import { fakeClock, type FakeClock } from '../testing/fake-clock.ts'
import type { Collector, Tick } from './collector.ts'
import { startSampler, type SamplerDeps } from './sampler.ts'

const at = (iso: string): Instant => instant(Date.parse(iso))
const start = at('2025-01-18T10:00:01.300Z')

/** A sampler every 5 s on a clock turned by hand. */
const started = (given: Partial<SamplerDeps> = {}, fake: FakeClock = fakeClock({ start })) => {
  const samples: Sample[] = []
  const warnings: string[] = []
  const sampler = startSampler({
    clock: fake.clock,
    timers: fake.timers,
    intervalMs: 5_000,
    host: 'box',
    collectors: [memory(() => 1)],
    newest: null,
    onSample: (sample) => {
      samples.push(sample)
    },
    log: { info: () => {}, warn: (_, sentence) => warnings.push(sentence) },
    ...given,
  })
  return {
    sampler,
    fake,
    samples,
    warnings,
    times: () => samples.map((sample) => toIso(sample.at).slice(11, -1)),
  }
}

const reading = (value: number) => ({
  kind: 'ok' as const,
  rows: [{ measurement: 'memory', fields: { usage_percent: value } }],
})

const memory = (read: (tick: Tick) => number): Collector => ({
  metric: 'memory',
  collect: (tick) => reading(read(tick)),
})

/** A collector that answers when it is told to. */
const patient = () => {
  const answers: (() => void)[] = []
  const collector: Collector = {
    metric: 'disk',
    deadlineMs: 60_000,
    collect: () =>
      new Promise((done) => {
        answers.push(() => done(reading(2)))
      }),
  }
  return { collector, answer: () => answers.shift()?.() }
}

describe('the sampler', () => {
  it('samples at every tick of the wall clock, and the sample has the time of the tick', async () => {
    const { fake, samples, times, sampler } = started()
    await fake.advance(20_000)
    expect(times()).toEqual(['10:00:05', '10:00:10', '10:00:15', '10:00:20'])
    expect(samples[0]).toEqual({
      at: at('2025-01-18T10:00:05Z'),
      host: 'box',
      readings: { memory: reading(1) },
      errors: [],
    })
    expect(sampler.latest()).toBe(samples[3])
  })

  it('does not give the tick before when timers go off early', async () => {
    const { fake, times, sampler } = started({}, fakeClock({ start, earlyMs: 1 }))
    await fake.advance(15_000)
    expect(times()).toEqual(['10:00:05', '10:00:10', '10:00:15'])
    expect(sampler.figures()).toMatchObject({ ticks: 3, skippedLate: 0, skippedOld: 0 })
  })

  it('does not drift: rounds that take long do not move the next tick', async () => {
    const fake = fakeClock({ start })
    const { times } = started({ collectors: [memory(() => (fake.block(1_700), 1))] }, fake)
    await fake.advance(60_000)
    expect(times().slice(0, 4)).toEqual(['10:00:05', '10:00:10', '10:00:15', '10:00:20'])
  })

  it('has nothing to show before the first tick', async () => {
    const { fake, sampler } = started()
    await fake.advance(3_699)
    expect(sampler.latest()).toBeNull()
  })

  it('skips what it was too late for, counts it, and goes on', async () => {
    const { fake, times, sampler } = started()
    await fake.advance(4_000)
    fake.block(28_000)
    await fake.advance(5_000)
    expect(times()).toEqual(['10:00:05', '10:00:35'])
    expect(sampler.figures()).toMatchObject({ ticks: 2, skippedLate: 5 })
  })

  it('never runs two rounds at once, and counts the ticks that this cost', async () => {
    const slow = patient()
    const { fake, times, sampler } = started({ intervalMs: 200_000, collectors: [slow.collector] })
    await fake.advance(200_000)
    expect(times()).toEqual([])
    sampler.reconfigure(5_000)
    await fake.advance(10_000)
    expect(sampler.figures()).toMatchObject({ ticks: 0, skippedOverlap: 2 })
    slow.answer()
    await fake.advance(5_000)
    expect(times()).toEqual(['10:03:20'])
  })

  it('begins after the newest sample that is stored', async () => {
    const { fake, times, sampler, warnings } = started({ newest: at('2025-01-18T10:00:10Z') })
    await fake.advance(15_000)
    expect(times()).toEqual(['10:00:15'])
    expect(sampler.figures()).toMatchObject({ ticks: 1, skippedOld: 2 })
    expect(warnings).toEqual([
      'The clock is behind the newest sample; sampling goes on when it has caught up.',
    ])
  })

  it('waits, when the clock is set back, until it has caught up, and says so once', async () => {
    const { fake, times, sampler, warnings } = started()
    await fake.advance(10_000)
    fake.setWall(at('2025-01-18T09:59:41Z'))
    await fake.advance(35_000)
    expect(times()).toEqual(['10:00:05', '10:00:10', '10:00:15'])
    expect(sampler.figures()).toMatchObject({ ticks: 3, skippedOld: 6 })
    expect(warnings).toHaveLength(1)
  })

  it('follows a clock that is set forward: that costs the one tick it was waiting for', async () => {
    const { fake, times, sampler } = started()
    await fake.advance(5_000)
    fake.setWall(at('2025-01-18T12:00:00.500Z'))
    await fake.advance(10_000)
    expect(times()).toEqual(['10:00:05', '12:00:05', '12:00:10'])
    expect(sampler.figures()).toMatchObject({ ticks: 3, skippedLate: 1 })
  })

  it('notices within half a minute that the clock was set, also when it samples once an hour', async () => {
    const { fake, times } = started({ intervalMs: 3_600_000 })
    await fake.advance(60_000)
    fake.setWall(at('2025-01-18T11:59:50Z'))
    await fake.advance(40_000)
    expect(times()).toEqual(['12:00:00'])
  })

  it('can be given another interval while it runs', async () => {
    const { fake, times, sampler } = started()
    await fake.advance(5_000)
    sampler.reconfigure(2_000)
    await fake.advance(5_000)
    sampler.reconfigure(10_000)
    await fake.advance(20_000)
    expect(times()).toEqual(['10:00:05', '10:00:08', '10:00:10', '10:00:20', '10:00:30'])
  })

  it('goes on when a sample could not be stored, and counts that', async () => {
    const { fake, sampler, warnings } = started({
      onSample: async () => {
        throw new Error('The disk is full.')
      },
    })
    await fake.advance(15_000)
    expect(sampler.figures()).toMatchObject({ ticks: 3, undelivered: 3 })
    expect(warnings).toHaveLength(3)
    expect(sampler.latest()?.at).toBe(at('2025-01-18T10:00:15Z'))
  })

  it('delivers one sample after the other: a slow store costs ticks, not order', async () => {
    let take = () => {}
    const taken: string[] = []
    const { fake, sampler } = started({
      onSample: (sample) =>
        new Promise((done) => {
          take = () => {
            taken.push(toIso(sample.at).slice(17, -1))
            done()
          }
        }),
    })
    await fake.advance(10_000)
    take()
    await fake.advance(5_000)
    take()
    await sampler.stop()
    expect(taken).toEqual(['05', '15'])
    expect(sampler.figures()).toMatchObject({ ticks: 2, skippedOverlap: 1 })
  })

  it('ends the round that runs before it has stopped, and starts no other', async () => {
    const slow = patient()
    const { fake, times, sampler } = started({ intervalMs: 300_000, collectors: [slow.collector] })
    await fake.advance(300_000)
    let stopped = false
    const stopping = sampler.stop().then(() => {
      stopped = true
    })
    await fake.advance(1)
    expect([stopped, times()]).toEqual([false, []])
    slow.answer()
    await stopping
    expect(times()).toEqual(['10:05:00'])
    sampler.reconfigure(1_000)
    await fake.advance(600_000)
    expect(times()).toEqual(['10:05:00'])
    expect(fake.waiting()).toBe(0)
  })

  it('stops at once between two rounds, however often it is asked', async () => {
    const { fake, sampler } = started()
    await fake.advance(6_000)
    await Promise.all([sampler.stop(), sampler.stop()])
    expect(fake.waiting()).toBe(0)
  })
})
