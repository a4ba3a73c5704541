import { describe, expect, it } from 'vitest'
import { CONFIG, given, interval } from './given-collector.ts'

describe('the collector of performance events', () => {
  it('starts one perf that ends with us, for what was found', async () => {
    const { runs } = await given()
    expect(runs.map(({ args }) => args)).toEqual([
      [
        'stat',
        '-a',
        '-x,',
        '--log-fd',
        '3',
        '-e',
        '{cycles,instructions},context-switches',
        '-I',
        '1000',
        '--',
        'cat',
      ],
    ])
  })

  it('gives the mean of the intervals since the sample before, weighted by their length', async () => {
    const { emit, time, value } = await given()
    expect(value()).toBe('perf is starting.')
    emit(interval('1.0', 100) + interval('4.0', 900))
    await time.pass(4_000)
    expect(value()).toBe(250)
    emit(interval('5.0', 70))
    await time.pass(1_000)
    expect(value()).toBe(70)
  })

  it('leaves an interval that is still coming in to the next sample', async () => {
    const { emit, time, value } = await given()
    emit(interval('1.0', 100))
    await time.pass(100)
    emit('2.0,500,,context-switches,1,100.00,,\n')
    expect(value()).toBe(100)
    emit('2.0,7,,cycles,1,100.00,,\n')
    await time.pass(50)
    expect(value()).toBe(500)
  })

  it('divides instructions by cycles of the same intervals only', async () => {
    const { emit, time, value } = await given()
    emit(interval('1.0', 1, 1_000, 2_000) + interval('2.0', 1, 9_000, null))
    emit(interval('3.0', 1, 3_000, 2_000))
    await time.pass(3_000)
    expect(value('ipc')).toBe(1)
  })

  it('has no IPC where no cycle was counted', async () => {
    const { emit, time, value } = await given()
    emit(interval('1.0', 1, 0, 0))
    await time.pass(1_000)
    expect(value('ipc')).toBeNull()
  })

  it('repeats the newest interval where perf’s are longer than the samples', async () => {
    const { emit, time, value } = await given({ intervalMs: 20_000 })
    await time.pass(5_000)
    expect(value()).toBe('perf is starting.')
    emit(interval('20.0', 400))
    await time.pass(5_000)
    expect([value(), value()]).toEqual([20, 20])
    await time.pass(45_000)
    expect(value()).toBe(20)
  })

  it('says nothing about now from what is older than 2.5 intervals', async () => {
    const { emit, time, value } = await given({ intervalMs: 1_000 })
    emit(interval('1.0', 100))
    for (const expected of [100, 100, 100, 'perf has given nothing for a while.']) {
      await time.pass(1_000)
      expect(value()).toBe(expected)
    }
    emit(interval('5.0', 400))
    await time.pass(100)
    expect(value()).toBe(100)
  })

  it('keeps an hour of intervals in no more room than one', async () => {
    const { emit, time, value } = await given({ intervalMs: 100 })
    for (let i = 1; i <= 36_000; i++) emit(`${i / 10},10,,context-switches,1,100.00,,\n`)
    await time.pass(3_600_000)
    expect(value()).toBe(100)
  })
})

describe('a configuration', () => {
  it('that disables it starts nothing', async () => {
    const { collect, launched } = await given({ enabled: false, cpuCores: '1' })
    expect(collect()).toEqual({
      kind: 'unavailable',
      reason: 'Disabled by perf_events_enabled.',
      facts: ['1', 1_000],
    })
    expect(launched).toEqual([])
  })

  it('that is new ends the perf of the old one; the same one does not', async () => {
    const { collector, runs, time, emit, value, collect } = await given()
    emit(interval('1.0', 100))
    collector.reconfigure({ ...CONFIG })
    await time.settled()
    expect(runs).toHaveLength(1)
    collector.reconfigure({ enabled: true, cpuCores: '0-1', intervalMs: 250 })
    expect(value()).toBe('perf is starting.')
    await time.settled()
    expect(runs.map((run) => run.stopped())).toEqual([true, false])
    expect(runs[1]?.args.slice(2, 4)).toEqual(['-C', '0-1'])
    // the old one’s last words are not the new one’s
    runs[0]?.emit(interval('2.0', 9) + interval('3.0', 9))
    expect(value()).toBe('perf is starting.')
    emit(interval('0.25', 100))
    await time.pass(250)
    expect(collect()).toMatchObject({ kind: 'ok', facts: ['0-1', 250] })
    collector.reconfigure({ enabled: false, cpuCores: '0-1', intervalMs: 250 })
    expect(value()).toBe('Disabled by perf_events_enabled.')
    expect(runs.map((run) => run.stopped())).toEqual([true, true])
  })

  it('can change while the first look is under way', async () => {
    const { collector, launched, runs, time } = await given({}, { answer: () => 'never' })
    expect(launched).toHaveLength(1)
    collector.reconfigure({ ...CONFIG, enabled: false })
    await time.settled()
    expect(launched).toHaveLength(1)
    expect(runs).toEqual([])
    expect(time.waiting()).toBe(0)
  })
})

it('ends perf and every timer when it is closed, once and for all', async () => {
  const { collector, runs, time, value, launched } = await given()
  await collector.close()
  await collector.close()
  expect(runs.map((run) => run.stopped())).toEqual([true])
  expect(time.waiting()).toBe(0)
  collector.reconfigure({ ...CONFIG, intervalMs: 500 })
  await time.settled()
  expect(value()).toBe('perf was stopped.')
  expect(launched.filter((args) => args.includes('-I'))).toHaveLength(1)
})

it('can be closed during a pause', async () => {
  const { collector, runs, time } = await given()
  runs[0]?.end({ code: 1 })
  await time.settled()
  expect(time.waiting()).toBe(1)
  await collector.close()
  expect(time.waiting()).toBe(0)
})
