import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { FakeOptions } from './fake-perf.ts'
import { given, interval } from './given-collector.ts'

describe('a perf that ends', () => {
  it('is started again, with growing pauses, and what it counted is not lost', async () => {
    const { emit, time, value, runs } = await given()
    emit(interval('1.0', 100))
    runs[0]?.end({ code: 1, errors: 'Error:\nout of memory\n' })
    await time.settled()
    expect(value()).toBe(100)
    expect(value()).toBe('perf says: out of memory. It is started again in 1 s.')
    await time.pass(999)
    expect(runs).toHaveLength(1)
    await time.pass(1)
    expect(runs).toHaveLength(2)
    runs[1]?.end({ code: null, signal: 'SIGKILL' })
    await time.settled()
    expect(value()).toBe('perf was ended by SIGKILL. It is started again in 2 s.')
    await time.pass(2_000)
    emit(interval('1.0', 30))
    await time.pass(1_000)
    expect(value()).toBe(30)
  })

  it('is looked into again where it never counted', async () => {
    const { time, launched, runs } = await given()
    const before = launched.length
    runs[0]?.end({ code: 1 })
    await time.pass(0)
    await time.pass(1_000)
    expect(runs).toHaveLength(2)
    expect(launched.slice(before, before + 2).map((args) => args[0])).toEqual(['--version', 'stat'])
  })

  it('is not looked into again where it did, and a good run makes the pause short again', async () => {
    const { emit, time, launched, runs, value } = await given()
    for (const pause of [1, 2, 4]) {
      emit(interval('1.0', 1))
      runs.at(-1)?.end({ code: 1 })
      await time.settled()
      await time.pass(pause * 1_000)
    }
    emit(interval('1.0', 1))
    await time.pass(60_000)
    runs.at(-1)?.end({ code: 1 })
    await time.settled()
    value()
    expect(value()).toBe('perf ended with code 1. It is started again in 1 s.')
    expect(launched.filter((args) => args[0] === '--version')).toHaveLength(1)
  })

  it('is tried at most every five minutes in the end', async () => {
    const { time, runs, value } = await given()
    for (let i = 0; i < 12; i++) {
      runs.at(-1)?.end({ code: 1 })
      await time.settled()
      await time.pass(300_000)
    }
    runs.at(-1)?.end({ code: 1 })
    await time.settled()
    expect(value()).toBe('perf ended with code 1. It is started again in 300 s.')
  })
})

describe('where nothing can be counted', () => {
  const missing = { end: { code: null, missing: true as const } }
  const refused = readFileSync(new URL('fixtures/unprivileged.txt', import.meta.url), 'utf8')

  it.each([
    ['perf is absent', { answer: () => missing }, /^perf is not installed\./],
    [
      'the kernel refuses',
      {
        answer: (args: readonly string[]) =>
          args.includes('--version') ? undefined : { end: { code: 255, errors: refused } },
      },
      /kernel\.perf_event_paranoid is 2\)\. Run `sysctl/,
    ],
    [
      'the distribution has a wrapper only',
      { answer: () => ({ end: { code: 2, errors: 'WARNING: perf not found for kernel 6.8\n' } }) },
      /^perf does not start: perf says: WARNING: perf not found for kernel 6\.8\.$/,
    ],
    [
      'perf cannot do anything it is asked',
      {
        answer: (args: readonly string[]) =>
          args.includes('--version') ? undefined : { end: { code: 1, errors: 'strange\n' } },
      },
      /^perf counts none of the events; of cpu-clock: perf says: strange\.$/,
    ],
  ])('the reason is given: %s', async (_, options, reason) => {
    const { collect } = await given({}, options)
    expect(collect()).toEqual({
      kind: 'unavailable',
      reason: expect.stringMatching(reason),
      facts: ['all', 1_000],
    })
  })

  it('says that it needs Linux elsewhere, without starting anything', async () => {
    const { value, launched } = await given({}, {}, 'darwin')
    expect(value()).toBe('Performance events need Linux and its perf program.')
    expect(launched).toEqual([])
  })

  it('looks again five minutes later: the rights may have been given', async () => {
    let answer: FakeOptions['answer'] = () => missing
    const { time, runs, value } = await given({}, { answer: (args) => answer?.(args) })
    expect(value()).toMatch(/^perf is not installed/)
    answer = undefined
    await time.pass(299_999)
    expect(runs).toHaveLength(0)
    await time.pass(1)
    expect(runs).toHaveLength(1)
  })

  it('names the setting where the cores are not there', async () => {
    const none = '<not supported>,,context-switches,0,100.00,,\n'
    const { value } = await given(
      { cpuCores: '0,9' },
      { answer: (args) => (args.at(-1) === 'true' ? { log: none } : undefined) },
    )
    expect(value()).toBe(
      'perf counts nothing on the cores 0,9; check perf_events_cpu_cores: a core may be absent or offline.',
    )
  })
})
