import { expect, it } from 'vitest'
import { instant } from '../points/instant.ts'
import { fakeClock } from '../testing/fake-clock.ts'
import type { Collector } from './collector.ts'
import { perSecond, sinceLast } from './rates.ts'
import { sampleOnce } from './sample-once.ts'

it('one sample is taken twice, so that it has rates, and stands at a whole second', async () => {
  const fake = fakeClock({ start: instant(1_700_000_000_400) })
  const since = sinceLast<number>()
  let counter = 100
  const collector: Collector = {
    metric: 'host',
    collect: (tick) => {
      const { before, elapsedMs } = since(counter, tick.monotonicMs)
      const rate = before === undefined ? null : perSecond(counter - before, elapsedMs)
      counter += 30
      return { kind: 'ok', rows: [{ measurement: 'host', fields: { forks_per_sec: rate } }] }
    },
  }
  const sampling = sampleOnce({
    clock: fake.clock,
    timers: fake.timers,
    host: 'box',
    collectors: [collector],
    apartMs: 1_500,
  })
  await fake.advance(1_500)
  expect(await sampling).toEqual({
    at: instant(1_700_000_001_000),
    host: 'box',
    readings: {
      host: { kind: 'ok', rows: [{ measurement: 'host', fields: { forks_per_sec: 20 } }] },
    },
    errors: [],
  })
})
