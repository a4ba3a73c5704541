import { describe, expect, it } from 'vitest'
import { DAY, HOUR, instant } from '../../points/instant.ts'
import { fakeClock } from '../../testing/fake-clock.ts'
import type { RetentionPolicy } from '../store.ts'
import { bucketName } from './buckets.ts'
import { createJumpWatch } from './jump-watch.ts'
import { cutOf, plansNow, type Circumstances } from './keeping.ts'

const now = Date.UTC(2026, 0, 20, 15, 30)
const policy: RetentionPolicy = [
  { dataset: 'metrics', tier: 'raw', days: 7 },
  { dataset: 'metrics', tier: '1m', days: 15 },
  { dataset: 'metrics', tier: '5m', days: 90 },
  { dataset: 'metrics', tier: '1h', days: null },
  { dataset: 'events', tier: 'raw', days: 90 },
]
const daysOf = (rules: RetentionPolicy, over: Partial<Circumstances> = {}) =>
  Object.fromEntries(
    plansNow(rules, { now, rolledUpTo: now - HOUR, clockJumped: false, ...over }).map(
      ({ shelf, keeping }) => [
        bucketName('', shelf) || 'raw',
        `${keeping.everySeconds / 86_400}/${keeping.shardSeconds / 86_400}`,
      ],
    ),
  )

describe('how long a bucket keeps its data, and in shards of how many days', () => {
  it('is as the policy says, raw rows a day longer, what it does not name for good', () => {
    expect(daysOf(policy)).toEqual({
      raw: '8/1',
      _1m: '15/1',
      _5m: '90/7',
      _1h: '0/28',
      _pushed: '0/28',
      _events: '90/7',
      _logs: '0/28',
      _journal: '0/28',
    })
  })

  it.each([
    [1, '2/1'],
    [2, '3/1'],
    [400, '401/1'],
  ])('is at least two days for raw rows: of %d days', (days, expected) => {
    expect(daysOf([{ dataset: 'metrics', tier: 'raw', days }])).toMatchObject({ raw: expected })
  })

  it('is longer for raw rows that are not rolled up yet, and for good while nobody knows', () => {
    const raw = (rolledUpTo: number) => daysOf(policy, { rolledUpTo })['raw']
    expect(raw(now - 7 * DAY)).toBe('8/1')
    expect(raw(now - 9 * DAY)).toBe('11/1')
    expect(raw(now - 30 * DAY)).toBe('32/1')
    expect(raw(-Infinity)).toBe('0/1')
    expect(daysOf(policy, { rolledUpTo: -Infinity })['_1m']).toBe('15/1')
  })

  it('is for good everywhere while a clock is not to be believed', () => {
    const days = Object.values(daysOf(policy, { clockJumped: true }))
    expect(days.every((one) => one.startsWith('0/'))).toBe(true)
  })
})

describe('the latest cut that InfluxDB can have made', () => {
  it.each([
    ['whole days', { everySeconds: 8 * 86_400, shardSeconds: 86_400 }, Date.UTC(2026, 0, 12)],
    [
      'longer shards',
      { everySeconds: 8 * 86_400, shardSeconds: 7 * 86_400 },
      Date.UTC(2026, 0, 12),
    ],
    ['shards of an hour', { everySeconds: 86_400, shardSeconds: 3_600 }, Date.UTC(2026, 0, 19, 15)],
    ['none', { everySeconds: 0, shardSeconds: 86_400 }, -Infinity],
  ])('with %s', (_, keeping, expected) => {
    expect(cutOf(keeping, now)).toBe(expected)
  })
})

describe('a wall clock', () => {
  it('is not believed for an hour after it has jumped ahead by days', () => {
    const time = fakeClock()
    const hasJumped = createJumpWatch(time.clock)
    expect(hasJumped()).toBe(false)
    time.block(3 * DAY)
    expect(hasJumped()).toBe(false)
    time.setWall(instant(time.clock.now() + 400 * DAY))
    expect(hasJumped()).toBe(true)
    time.block(HOUR - 1)
    expect(hasJumped()).toBe(true)
    time.block(1)
    expect(hasJumped()).toBe(false)
  })

  it('may be set by hours, or back', () => {
    const time = fakeClock()
    const hasJumped = createJumpWatch(time.clock)
    for (const step of [2 * HOUR, -3 * HOUR, -400 * DAY]) {
      time.setWall(instant(time.clock.now() + step))
      expect(hasJumped()).toBe(false)
    }
  })
})
