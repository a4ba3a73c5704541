import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { instant } from '../../points/instant.ts'
import { fakeHostFiles, type FakeHostFiles } from '../../testing/fake-host-files.ts'
import { perTick } from '../per-tick.ts'
import { parseLoadAverage } from '../procfs/loadavg.ts'
import { parseStat } from '../procfs/stat.ts'
import { openCpu } from './cpu.ts'

/** user nice system idle iowait irq softirq steal */
type Ticks = readonly number[]

const statText = (cores: Readonly<Record<number, Ticks>>) =>
  [
    'cpu  0 0 0 0 0 0 0 0 0 0',
    ...Object.entries(cores).map(([core, ticks]) => `cpu${core} ${ticks.join(' ')} 0 0`),
    'intr 0\nctxt 0\n',
  ].join('\n')

const opened = (files: FakeHostFiles) => {
  let monotonicMs = 0
  const cpu = openCpu({
    files,
    monotonic: () => 0,
    stat: perTick(() => parseStat(files.read('proc/stat'))),
    loadAverage: perTick(() => parseLoadAverage('')),
  })
  return async (cores: Readonly<Record<number, Ticks>>) => {
    files.set({ 'proc/stat': statText(cores) })
    monotonicMs += 5_000
    const reading = await cpu.collect({ at: instant(monotonicMs), monotonicMs })
    const rows = reading.kind === 'ok' ? reading.rows : []
    return {
      all: rows[0]?.fields ?? {},
      usage: Object.fromEntries(
        rows.slice(1).map(({ key, fields }) => [key ?? '', fields['usage_percent']]),
      ),
      mhz: rows.slice(1).map(({ fields }) => fields['frequency_mhz']),
    }
  }
}

const zero: Ticks = [0, 0, 0, 0, 0, 0, 0, 0]
const parts = ['user', 'system', 'softirq', 'steal', 'iowait', 'idle']

describe('the shares of the processors', () => {
  it('make 100, whatever the kernel counts, and lie between 0 and 100', async () => {
    const ticks = fc.array(fc.integer({ min: 0, max: 600 }), { minLength: 8, maxLength: 8 })
    // idle, iowait and steal may also fall
    const fall = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 3, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(ticks, fall), { minLength: 1, maxLength: 8 }),
        async (cores) => {
          const sample = opened(fakeHostFiles({}))
          const before: Ticks = [900, 900, 900, 900, 900, 900, 900, 900]
          await sample(Object.fromEntries(cores.map((_, core) => [core, before])))
          const { all, usage } = await sample(
            Object.fromEntries(
              cores.map(([grown, [idle = 0, iowait = 0, steal = 0]], core) => [
                core,
                before.map((from, column) => {
                  const down = { 3: idle, 4: iowait, 7: steal }[column] ?? 0
                  return from + (down > 20 ? -down : (grown[column] ?? 0))
                }),
              ]),
            ),
          )
          const shares = parts.map((part) => all[part] ?? null)
          for (const share of [...shares, all['usage_percent'], ...Object.values(usage)])
            expect(share === null || (share !== undefined && share >= 0 && share <= 100)).toBe(true)
          if (shares[0] !== null) {
            const sum = shares.reduce<number>((total, share) => total + (share ?? 0), 0)
            expect(Math.abs(sum - 100)).toBeLessThanOrEqual(0.03)
            const idle = (all['idle'] ?? 0) + (all['iowait'] ?? 0)
            expect(Math.abs((all['usage_percent'] ?? 0) - (100 - idle))).toBeLessThanOrEqual(0.02)
          }
        },
      ),
      { numRuns: 200 },
    )
  })

  it('count nice as user, irq as system, and stolen time as busy', async () => {
    const sample = opened(fakeHostFiles({}))
    await sample({ 0: zero })
    expect((await sample({ 0: [10, 15, 5, 40, 10, 5, 5, 10] })).all).toMatchObject({
      usage_percent: 50,
      user: 25,
      system: 10,
      softirq: 5,
      steal: 10,
      iowait: 10,
      idle: 40,
    })
  })

  it('are null where no time has passed', async () => {
    const sample = opened(fakeHostFiles({}))
    await sample({ 0: zero })
    expect((await sample({ 0: zero })).all).toMatchObject({ usage_percent: null, idle: null })
  })

  it('of a processor whose counters began anew are null once, and it is left out of the whole', async () => {
    const sample = opened(fakeHostFiles({}))
    await sample({ 0: [100, 0, 0, 400, 0, 0, 0, 0], 1: [100, 0, 0, 400, 0, 0, 0, 0] })
    const reset = await sample({ 0: [5, 0, 0, 9, 0, 0, 0, 0], 1: [200, 0, 0, 800, 0, 0, 0, 0] })
    expect([reset.usage, reset.all['usage_percent']]).toEqual([{ 0: null, 1: 20 }, 20])
    const next = await sample({ 0: [55, 0, 0, 59, 0, 0, 0, 0], 1: [200, 0, 0, 900, 0, 0, 0, 0] })
    expect(next.usage).toEqual({ 0: 50, 1: 0 })
  })

  it('follow processors that go offline and come back with their old counters', async () => {
    const files = fakeHostFiles({
      'sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq': '1000000\n',
      'sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq': '2000000\n',
    })
    const sample = opened(files)
    const half: Ticks = [50, 0, 0, 50, 0, 0, 0, 0]
    const twice: Ticks = [100, 0, 0, 100, 0, 0, 0, 0]
    await sample({ 0: zero, 1: zero })
    const both = await sample({ 0: half, 1: half })
    expect([both.usage, both.mhz, both.all['core_count']]).toEqual([
      { 0: 50, 1: 50 },
      [1_000, 2_000],
      2,
    ])
    const one = await sample({ 0: twice })
    expect([one.usage, one.mhz, one.all['core_count']]).toEqual([{ 0: 50 }, [1_000], 1])
    const back = await sample({ 0: [200, 0, 0, 100, 0, 0, 0, 0], 1: half })
    expect([back.usage, back.mhz, back.all['usage_percent']]).toEqual([
      { 0: 100, 1: null },
      [1_000, 2_000],
      100,
    ])
  })
})

it('where the processors sit is read once, and again only when others are online', async () => {
  const files = fakeHostFiles({})
  const sample = opened(files)
  const facts = () => files.asked.filter((path) => path.includes('/topology/')).length
  await sample({ 0: zero, 1: zero })
  const first = facts()
  await sample({ 0: zero, 1: zero })
  await sample({ 0: zero, 1: zero })
  expect([first > 0, facts()]).toEqual([true, first])
  await sample({ 0: zero })
  expect(facts()).toBeGreaterThan(first)
})

it('without /proc/stat there is no reading', () => {
  const files = fakeHostFiles({})
  const cpu = openCpu({
    files,
    monotonic: () => 0,
    stat: perTick(() => parseStat(files.read('proc/stat'))),
    loadAverage: perTick(() => parseLoadAverage('')),
  })
  expect(() => cpu.collect({ at: instant(0), monotonicMs: 0 })).toThrow('/proc/stat cannot be read')
})
