import { expect, it } from 'vitest'
import { fakePerf, handTime, type FakeOptions } from './fake-perf.ts'
import { countsAll, probeEvents, probeGroup, statArgs, type ProbeDeps } from './probe.ts'

const STREAM = [
  '1.0,10,,a,1,100.00,,',
  '1.0,20,,b,1,100.00,,',
  '1.0,<not supported>,,c,0,100.00,,',
  '1.0,<not counted>,,d,0,0.00,,',
  '1.0,30,,cpu_core/e/,1,100.00,,',
  '1.0,<not supported>,,cpu_atom/e/,0,100.00,,',
  '1.0,<not supported>,,cpu_core/g/,0,100.00,,',
  '1.0,30,,cpu_atom/g/,1,100.00,,',
  '1.0,40,MiB,pw_f,1,100.00,,',
].join('\n')

const given = (options: FakeOptions = {}) => {
  const perf = fakePerf(STREAM, options)
  const time = handTime()
  const abort = new AbortController()
  const deps: ProbeDeps = {
    launch: perf.launch,
    timers: time.timers,
    signal: abort.signal,
    host: { platform: 'linux', vendor: 'other', hybrid: false, paranoid: 2 },
    cores: 'all',
  }
  return { ...perf, deps, time, abort }
}

const kinds = async (probing: ReturnType<typeof probeEvents>) =>
  Object.fromEntries([...(await probing)].map(([event, { kind }]) => [event, kind]))

it('asks for all in one process where every name is known', async () => {
  const { deps, launched, time } = given()
  expect(await kinds(probeEvents(deps, ['a', 'b', 'c', 'd', 'e', 'g']))).toEqual({
    a: 'counted',
    b: 'counted',
    c: 'unsupported',
    // nothing was free to count it in this instant; later there may be
    d: 'counted',
    // one kind of core cannot count it
    e: 'unsupported',
    g: 'unsupported',
  })
  expect(launched).toEqual([
    ['stat', '-a', '-x,', '--log-fd', '3', '-e', 'a,b,c,d,e,g', '--', 'true'],
  ])
  expect(time.waiting()).toBe(0)
})

it('finds the names that would end the whole command', async () => {
  const { deps, launched } = given()
  expect(await kinds(probeEvents(deps, ['a', 'nosuch', 'b', 'c']))).toEqual({
    a: 'counted',
    nosuch: 'unknown-event',
    b: 'counted',
    c: 'unsupported',
  })
  expect(launched.map((args) => args[6])).toEqual([
    'a,nosuch,b,c',
    'a,nosuch',
    'a',
    'nosuch',
    'b,c',
  ])
})

it('does not ask again where the kernel refuses', async () => {
  const { deps, launched } = given({
    answer: () => ({ end: { code: 255, errors: 'No permission to enable a event.\n' } }),
  })
  expect(await kinds(probeEvents(deps, ['a', 'b', 'c']))).toEqual({
    a: 'forbidden',
    b: 'forbidden',
    c: 'forbidden',
  })
  expect(launched).toHaveLength(1)
})

it('stops a perf that does not answer, and asks no further', async () => {
  const { deps, launched, time } = given({ answer: () => 'never' })
  const probing = kinds(probeEvents(deps, ['a', 'b']))
  await time.settled()
  await time.pass(10_000)
  expect(await probing).toEqual({ a: 'late', b: 'late' })
  expect(launched).toHaveLength(1)
  expect(time.waiting()).toBe(0)
})

it('stops at once when nobody wants the answer any more', async () => {
  const { deps, launched, abort, time } = given({ answer: () => 'never' })
  const probing = probeEvents(deps, ['a', 'b'])
  abort.abort()
  await probing
  expect(launched).toHaveLength(1)
  expect(time.waiting()).toBe(0)
})

it.each([
  [['a', 'b'], true],
  [['a', 'c'], false],
  [['a', 'nosuch'], false],
  [['pmu/f,name=pw_f/'], true],
])('a candidate of the events %j counts: %s, by one process', async (asked, good) => {
  const { deps, launched } = given()
  expect(await countsAll(deps, asked)).toBe(good)
  expect(launched).toHaveLength(1)
})

it.each([
  ['works', ['a', 'b'], true],
  ['has a member that cannot be counted', ['a', 'c'], false],
  ['found no counters', ['a', 'd'], false],
])('a group that %s', async (_, asked, good) => {
  const { deps, launched } = given()
  expect(await probeGroup(deps, asked)).toBe(good)
  expect(launched[0]?.[6]).toBe(`{${asked.join(',')}}`)
})

it('a group that perf dissolves is none', async () => {
  const { deps } = given({
    answer: () => ({
      log: '1,,cpu_core/a/,1,100.00,,\n2,,cpu_core/b/,1,100.00,,\n',
      end: { errors: 'WARNING: grouped events cpus do not match, disabling group:\n' },
    }),
  })
  expect(await probeGroup(deps, ['a', 'b'])).toBe(false)
})

it('counts on the cores that were asked for', () => {
  expect(statArgs('0-3,5', 'a', ['--', 'true'])).toEqual([
    'stat',
    '-a',
    '-C',
    '0-3,5',
    '-x,',
    '--log-fd',
    '3',
    '-e',
    'a',
    '--',
    'true',
  ])
})
