import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { instant, type Instant } from '../points/instant.ts'
import { judge, nextTick, type Waking } from './ticks.ts'

const at = (ms: number) => instant(1_700_000_000_000 + ms)

/** A waking on time, but for what is given. */
const waking = (given: Partial<Waking>): Waking => ({
  scheduled: at(0),
  wall: at(0),
  overdueMs: 0,
  intervalMs: 5_000,
  newest: null,
  busy: false,
  ...given,
})

describe('a waking', () => {
  it.each([
    ['on time', {}, { kind: 'sample', tick: at(0), missed: 0, next: at(5_000) }],
    [
      'a little late: the sample still is of its tick',
      { wall: at(1_234), overdueMs: 1_234 },
      { kind: 'sample', tick: at(0), missed: 0, next: at(5_000) },
    ],
    [
      'half an interval late',
      { wall: at(2_500), overdueMs: 2_500 },
      { kind: 'sample', tick: at(0), missed: 0, next: at(5_000) },
    ],
    [
      'later than that',
      { wall: at(2_501), overdueMs: 2_501 },
      { kind: 'late', tick: at(0), missed: 0, next: at(5_000) },
    ],
    ['a millisecond early', { wall: at(-1), overdueMs: -1 }, { kind: 'wait', next: at(0) }],
    [
      'after 28 s in which nothing could run',
      { wall: at(28_000), overdueMs: 28_000 },
      { kind: 'late', tick: at(25_000), missed: 5, next: at(30_000) },
    ],
    [
      'after 11 s in which nothing could run: the newest tick is young enough',
      { wall: at(11_000), overdueMs: 11_000 },
      { kind: 'sample', tick: at(10_000), missed: 2, next: at(15_000) },
    ],
    [
      'after the clock was set an hour forward: no sample was missed',
      { wall: at(3_601_000), overdueMs: 0 },
      { kind: 'sample', tick: at(3_600_000), missed: 0, next: at(3_605_000) },
    ],
    [
      'after the clock was set an hour back',
      { wall: at(-3_600_000 + 1), overdueMs: 0 },
      { kind: 'wait', next: at(-3_595_000) },
    ],
    [
      'at a tick that is stored already',
      { newest: at(0) },
      { kind: 'old', tick: at(0), missed: 0, next: at(5_000) },
    ],
    [
      'before the newest stored tick',
      { newest: at(60_000) },
      { kind: 'old', tick: at(0), missed: 0, next: at(5_000) },
    ],
    [
      'while the round before still runs',
      { busy: true, newest: at(-5_000) },
      { kind: 'overlap', tick: at(0), missed: 0, next: at(5_000) },
    ],
  ] as const)('%s', (_, given, verdict) => {
    expect(judge(waking(given))).toEqual(verdict)
  })
})

it.each([
  [at(0), at(5_000)],
  [at(1), at(5_000)],
  [at(4_999), at(5_000)],
])('the tick after %d is %d', (wall, next) => {
  expect(nextTick(wall, 5_000)).toBe(next)
})

describe('however timers and clocks behave', () => {
  const jump = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: -3, max: 200 }) },
    { weight: 2, arbitrary: fc.integer({ min: -20_000, max: 60_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: -4_000_000, max: 4_000_000 }) },
  )

  it('ticks are multiples, rise, are never sampled before their time nor over half an interval after it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1_000, 5_000, 7_000, 60_000),
        fc.array(jump, { minLength: 1, maxLength: 200 }),
        fc.integer({ min: -100_000, max: 100_000 }),
        (intervalMs, jumps, startMs) => {
          let wall = at(startMs)
          let newest: Instant | null = null
          let scheduled = nextTick(wall, intervalMs)
          for (const off of jumps) {
            // the timer goes off `off` ms after (or before) its time by the wall clock
            wall = instant(scheduled + off)
            const verdict = judge({
              scheduled,
              wall,
              intervalMs,
              newest,
              overdueMs: off,
              busy: false,
            })
            expect(verdict.next % intervalMs).toBe(0)
            expect(verdict.next).toBeGreaterThanOrEqual(wall)
            expect(verdict.next - wall).toBeLessThanOrEqual(intervalMs)
            if (verdict.kind === 'sample') {
              expect(verdict.tick % intervalMs).toBe(0)
              expect(verdict.tick).toBeGreaterThan(newest ?? Number.NEGATIVE_INFINITY)
              expect(wall - verdict.tick).toBeGreaterThanOrEqual(0)
              expect(wall - verdict.tick).toBeLessThanOrEqual(intervalMs / 2)
              newest = verdict.tick
            }
            scheduled = verdict.next
          }
        },
      ),
    )
  })

  it('on a steady clock every tick is either sampled or counted as missed', () => {
    const late = fc.integer({ min: 0, max: 60_000 })
    fc.assert(
      fc.property(
        fc.constantFrom(1_000, 5_000, 60_000),
        fc.array(late, { minLength: 1, maxLength: 100 }),
        (intervalMs, lates) => {
          const first = nextTick(at(0), intervalMs)
          let scheduled = first
          let [sampled, missed] = [0, 0]
          for (const overdueMs of lates) {
            const wall = instant(scheduled + overdueMs)
            const verdict = judge({
              scheduled,
              wall,
              overdueMs,
              intervalMs,
              newest: null,
              busy: false,
            })
            if (verdict.kind === 'wait') throw new Error('Nothing to wait for.')
            if (verdict.kind === 'sample') sampled++
            missed += verdict.missed + (verdict.kind === 'late' ? 1 : 0)
            scheduled = verdict.next
          }
          expect(sampled + missed).toBe((scheduled - first) / intervalMs)
        },
      ),
    )
  })
})
