import { expect, it } from 'vitest'
import { METRIC_NAMES } from '../catalog/catalog.ts'
import { fakeClock } from '../testing/fake-clock.ts'
import { fakeHostFiles } from '../testing/fake-host-files.ts'
import type { Collector } from './collector.ts'
import { openCollectors } from './open-collectors.ts'
import { openRounds } from './round.ts'

const opened = (extra: readonly Collector[] = []) => {
  const { clock, timers } = fakeClock()
  const files = fakeHostFiles({})
  let closed = 0
  const closing = { ...files, close: () => void closed++ }
  const open = openCollectors({ files: closing, clock, timers, interfacesExclude: '', extra })
  return { open, clock, timers, closed: () => closed }
}

const perf: Collector = {
  metric: 'perf_events',
  collect: () => ({ kind: 'unavailable', reason: 'Not here.' }),
}

it('every metric of the catalogue has one collector, the hardware counters by what is given', () => {
  const metrics = opened([perf]).open.collectors.map(({ metric }) => metric)
  expect(metrics.toSorted()).toEqual([...METRIC_NAMES].toSorted())
})

it('on a host that has none of the files each metric says which one it needs', async () => {
  const { open, clock, timers } = opened()
  const rounds = openRounds({ clock, timers, host: 'box', collectors: open.collectors })
  const { errors, readings } = await rounds.run(clock.now(), 5_000)
  expect(Object.fromEntries(errors.map(({ collector, message }) => [collector, message]))).toEqual({
    cpu: '/proc/stat cannot be read (ENOENT).',
    memory: '/proc/meminfo cannot be read (ENOENT).',
    network: '/proc/1/net/dev cannot be read (ENOENT).',
    disk: '/proc/diskstats cannot be read (ENOENT).',
    memory_bandwidth: '/proc/vmstat cannot be read (ENOENT).',
    host: '/proc/stat cannot be read (ENOENT).',
  })
  // a kernel without it is no failure
  expect(readings.pressure).toMatchObject({ kind: 'unavailable' })
})

it('closing closes what was given too, and the files', () => {
  let ended = 0
  const { open, closed } = opened([{ ...perf, close: () => void ended++ }])
  open.close()
  expect([ended, closed()]).toEqual([1, 1])
  expect(open.stuck()).toEqual([])
})
