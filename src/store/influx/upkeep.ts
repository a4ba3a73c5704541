import type { RollupTier } from '../../catalog/tiers.ts'
import type { Clock } from '../../points/clock.ts'
import { MINUTE, SECOND } from '../../points/instant.ts'

/** What the store does by itself. Each part fails alone; its failure is a problem until it works again. */
export type Upkeep = {
  run(): Promise<void>
  /** The next run begins with provisioning: somebody wants InfluxDB as it should be now. */
  provisionSoon(): void
  problems(): readonly string[]
}

type Options = {
  readonly clock: Clock
  /** Whether InfluxDB is ready for us; false: `provision` comes before all else. */
  readonly isReady: () => boolean
  /** InfluxDB has refused a token or a bucket. */
  readonly isDenied: () => boolean
  readonly provision: () => Promise<void>
  readonly lookAtTasks: () => Promise<readonly RollupTier[]>
  readonly rollTier: (tier: RollupTier) => Promise<unknown>
  readonly dirtyHours: () => number
  /** Lines that wait in the spool: dirty hours are healed when it is empty, not again and again before. */
  readonly backlog: () => number
  readonly rollDirty: () => Promise<unknown>
  readonly followRetention: () => Promise<void>
  /** The wall clock may be wrong: nothing is rolled up by it. */
  readonly clockJumped: () => boolean
}

const PROVISION_EVERY_MS = 5 * MINUTE
const MEND_EVERY_MS = 10 * SECOND
const LOOK_EVERY_MS = MINUTE
const HEAL_EVERY_MS = 30 * SECOND
/** A spool that never empties must not keep hours dirty for ever. */
const HEAL_AT_LATEST_MS = 10 * MINUTE
const FOLLOW_EVERY_MS = 10 * MINUTE

export const createUpkeep = (options: Options): Upkeep => {
  const { monotonic } = options.clock
  const problems = new Map<string, string>()
  const due = { provision: monotonic() + PROVISION_EVERY_MS, mend: 0, look: 0, heal: 0, follow: 0 }
  let dirtySince: number | undefined
  let hadJumped = false

  const part = async (name: string, work: () => Promise<unknown>): Promise<boolean> => {
    try {
      await work()
      problems.delete(name)
      return true
    } catch (error) {
      problems.set(name, error instanceof Error ? error.message : 'unknown')
      return false
    }
  }

  const provision = async (): Promise<boolean> => {
    const now = monotonic()
    const isBroken = !options.isReady() || options.isDenied() || problems.has('provision')
    if (now < (isBroken ? due.mend : due.provision)) return options.isReady()
    due.mend = now + MEND_EVERY_MS
    due.provision = now + PROVISION_EVERY_MS
    return (await part('provision', options.provision)) && options.isReady()
  }

  const heal = async () => {
    const now = monotonic()
    if (options.dirtyHours() === 0) {
      dirtySince = undefined
      return
    }
    dirtySince ??= now
    const waits = options.backlog() > 0 && now - dirtySince < HEAL_AT_LATEST_MS
    if (waits || now < due.heal) return
    await part('heal', options.rollDirty)
    due.heal = monotonic() + HEAL_EVERY_MS
    dirtySince = undefined
  }

  return {
    run: async () => {
      if (!(await provision())) return
      const jumped = options.clockJumped()
      if (!jumped && monotonic() >= due.look) {
        due.look = monotonic() + LOOK_EVERY_MS
        await part('look', async () => {
          for (const tier of await options.lookAtTasks()) await options.rollTier(tier)
        })
      }
      if (!jumped) await heal()
      // at once, before InfluxDB deletes by the same clock
      if (jumped !== hadJumped || monotonic() >= due.follow) {
        hadJumped = jumped
        due.follow = monotonic() + FOLLOW_EVERY_MS
        await part('follow', options.followRetention)
      }
    },
    provisionSoon: () => {
      due.provision = 0
    },
    problems: () => [...new Set(problems.values())],
  }
}
