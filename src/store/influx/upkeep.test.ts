import { beforeEach, describe, expect, it } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../points/instant.ts'
import type { RollupTier } from '../../catalog/tiers.ts'
import { fakeClock, type FakeClock } from '../../testing/fake-clock.ts'
import { createUpkeep, type Upkeep } from './upkeep.ts'

describe('the upkeep', () => {
  let time: FakeClock
  let upkeep: Upkeep
  let done: string[]
  let ready: boolean
  let denied: boolean
  let jumped: boolean
  let dirty: number
  let backlog: number
  let behind: readonly RollupTier[]
  let failing: string | undefined

  const part = (name: string) => async () => {
    if (failing === name) throw new Error(`${name} failed`)
    done.push(name)
  }
  beforeEach(() => {
    time = fakeClock()
    done = []
    ready = true
    denied = false
    jumped = false
    dirty = 0
    backlog = 0
    behind = []
    failing = undefined
    upkeep = createUpkeep({
      clock: time.clock,
      isReady: () => ready,
      isDenied: () => denied,
      provision: async () => {
        await part('provision')()
        ready = true
        denied = false
      },
      lookAtTasks: async () => {
        await part('look')()
        return behind
      },
      rollTier: async (tier) => void done.push(`roll ${tier}`),
      dirtyHours: () => dirty,
      backlog: () => backlog,
      rollDirty: async () => {
        await part('heal')()
        dirty = 0
      },
      followRetention: part('follow'),
      clockJumped: () => jumped,
    })
  })
  /** What is done while so much time goes by, a look every second. */
  const during = async (ms: number) => {
    done = []
    for (let passed = 0; passed < ms; passed += SECOND) {
      await upkeep.run()
      time.block(SECOND)
    }
    return done
  }
  const count = (what: string) => done.filter((one) => one === what).length

  it('does each part now and then', async () => {
    behind = ['5m']
    await during(HOUR)
    expect(['look', 'roll 5m', 'provision', 'follow', 'heal'].map(count)).toEqual([
      60, 60, 11, 6, 0,
    ])
    expect(upkeep.problems()).toEqual([])
  })

  it('provisions before all else, until InfluxDB is there', async () => {
    ready = false
    failing = 'provision'
    expect(await during(MINUTE)).toEqual([])
    expect(upkeep.problems()).toEqual(['provision failed'])
    failing = undefined
    expect((await during(15 * SECOND)).slice(0, 2)).toEqual(['provision', 'look'])
    expect(upkeep.problems()).toEqual([])
  })

  it('provisions soon when InfluxDB refuses a token, and again soon when that failed', async () => {
    await during(MINUTE)
    denied = true
    await during(15 * SECOND)
    expect(count('provision')).toBe(1)
    denied = true
    failing = 'provision'
    await during(15 * SECOND)
    denied = false
    failing = undefined
    await during(15 * SECOND)
    expect(count('provision')).toBe(1)
    expect(upkeep.problems()).toEqual([])
  })

  it('provisions when it is told to, once', async () => {
    await during(MINUTE)
    expect(count('provision')).toBe(0)
    upkeep.provisionSoon()
    await during(MINUTE)
    expect(count('provision')).toBe(1)
  })

  it('goes on with the other parts when one fails, and says so until it works', async () => {
    failing = 'look'
    await during(MINUTE)
    expect(done).toEqual(['follow'])
    expect(upkeep.problems()).toEqual(['look failed'])
    failing = undefined
    await during(MINUTE)
    expect(upkeep.problems()).toEqual([])
  })

  it('heals dirty hours at once, then not more than twice a minute', async () => {
    dirty = 1
    await during(SECOND)
    expect(count('heal')).toBe(1)
    dirty = 1
    await during(29 * SECOND)
    expect(count('heal')).toBe(0)
    await during(5 * SECOND)
    expect(count('heal')).toBe(1)
  })

  it('lets a spool empty itself before it heals what comes out of it, but not for ever', async () => {
    dirty = 1
    backlog = 1_000
    await during(9 * MINUTE)
    expect(count('heal')).toBe(0)
    await during(2 * MINUTE)
    expect(count('heal')).toBe(1)
    dirty = 1
    await during(MINUTE)
    backlog = 0
    await during(SECOND)
    expect(count('heal')).toBe(1)
  })

  it('rolls up nothing by a clock that has jumped, and sees to the retention at once', async () => {
    await during(2 * MINUTE)
    jumped = true
    dirty = 1
    expect(await during(2 * MINUTE)).toEqual(['follow'])
    jumped = false
    await during(SECOND)
    expect(done).toContain('follow')
    expect(done).toContain('heal')
  })
})
