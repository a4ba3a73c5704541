import { expect, it } from 'vitest'
import type { Interval } from './intervals.ts'
import { NO_FIELDS, planOf, type Plan } from './plan.ts'
import { tallyOf } from './tally.ts'

type Counts = Readonly<Record<string, number | null>>

const interval = (seconds: number, counts: Counts, bytes = false): Interval => ({
  seconds,
  counts: new Map(Object.entries(counts).map(([event, value]) => [event, { value, bytes }])),
})

const pair: Plan = planOf(new Set(['cycles', 'instructions']), [], true)

const controllers: Plan = planOf(
  new Set(),
  [
    {
      field: 'memory_bandwidth_read_mbps',
      candidate: {
        scope: 'socket',
        events: [
          { ask: 'uncore_imc/a,name=pw_a/', prints: 'pw_a' },
          { ask: 'uncore_imc/b,name=pw_b/', prints: 'pw_b' },
        ],
        factor: 1e-6,
        bytes: true,
      },
    },
  ],
  false,
)

const fields = (plan: Plan, ...intervals: readonly Interval[]) => {
  const tally = tallyOf(plan)
  for (const one of intervals) tally.add(one)
  return tally.take()
}

it('weighs each field by the time in which it was measured', () => {
  expect(
    fields(
      pair,
      interval(1, { cycles: 100, instructions: 50 }),
      interval(3, { cycles: null, instructions: 250 }),
    ),
  ).toEqual({ ...NO_FIELDS, cycles: 100, instructions: 75, ipc: 0.5 })
})

it('has no IPC where cycles and instructions were not counted as a group', () => {
  const apart = planOf(new Set(['cycles', 'instructions']), [], false)
  expect(apart.eventList).toBe('cycles,instructions')
  expect(fields(apart, interval(1, { cycles: 100, instructions: 50 }))).toEqual({
    ...NO_FIELDS,
    cycles: 100,
    instructions: 50,
  })
})

it.each([
  ['adds the controllers up', interval(2, { pw_a: 3e6, pw_b: 5e6 }, true), 4],
  ['has null where one is missing', interval(2, { pw_a: 3e6 }, true), null],
  ['has null where one was not counted', interval(2, { pw_a: 3e6, pw_b: null }, true), null],
  ['has null where perf prints no unit', interval(2, { pw_a: 3e6, pw_b: 5e6 }), null],
])('%s', (_, one, expected) => {
  expect(fields(controllers, one)).toEqual({ ...NO_FIELDS, memory_bandwidth_read_mbps: expected })
})

it('gives nothing where nothing came, and nothing twice', () => {
  const tally = tallyOf(pair)
  expect(tally.take()).toBeUndefined()
  tally.add(interval(1, { cycles: 100, instructions: 50 }))
  expect(tally.take()).toMatchObject({ cycles: 100, ipc: 0.5 })
  expect(tally.take()).toBeUndefined()
  tally.add(interval(1, { cycles: 10, instructions: 50 }))
  expect(tally.take()).toMatchObject({ cycles: 10, ipc: 5 })
})
