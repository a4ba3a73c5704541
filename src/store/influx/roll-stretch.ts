import { TIERS, type RollupTier, type Tier } from '../../catalog/tiers.ts'
import type { Clock } from '../../points/clock.ts'
import { HOUR, instant, SECOND, windowCeil, windowStart } from '../../points/instant.ts'
import type { Ends } from './ends.ts'
import { unavailable } from './failures.ts'
import type { Queries } from './queries.ts'
import { rollupScript } from './rollup-script.ts'
import { collectWritten } from './written.ts'

export type StretchRoller = {
  /** Makes the windows of a stretch, at seams of the tier; resolves with how many. */
  roll(tier: RollupTier, from: number, to: number): Promise<number>
  /** Ends the stretch of now at the next chunk: its `roll` rejects. */
  stop(): void
}

export type StretchOptions = {
  /** With the roller token. */
  readonly queries: Queries
  readonly prefix: string
  readonly clock: Clock
  /** Raw rows before this may be gone in part. */
  readonly rawHorizon: () => number
  /** The first and the last row of a tier, of all hosts; undefined: there is none. */
  readonly ends: (tier: Tier) => Promise<Ends | undefined>
  /** Windows of a tier made of those of the next finer one, where that makes them no poorer. */
  readonly rebuild: (tier: RollupTier, from: number, to: number) => Promise<number>
  /** Hours that are done. */
  readonly onProgress: (hours: number) => void
}

/** A chunk that takes longer is followed by a shorter one, a quick one by a longer. */
const QUICK_MS = SECOND
const SLOW_MS = 5 * SECOND
const LONGEST = 24 * HOUR

/** Rolls up chunk by chunk: from raw rows, and before the raw horizon from the next finer tier. */
export const createStretchRoller = (options: StretchOptions): StretchRoller => {
  const { clock } = options
  let stopped = false
  let chunk = HOUR

  /** Where there is something to begin with: a person may ask for everything since 1970. */
  const fromFirst = async (tier: Tier, from: number): Promise<number> => {
    const found = await options.ends(tier)
    return found === undefined ? Infinity : Math.max(from, windowStart(found.first, HOUR))
  }

  const rollChunk = async (tier: RollupTier, from: number, to: number): Promise<number> => {
    if (stopped) throw unavailable('PerfWatch ends; the rollup goes on at its next start.')
    const started = clock.monotonic()
    const script = rollupScript(options.prefix, tier, { from: instant(from), to: instant(to) })
    const written = await options.queries.ask(script, collectWritten)
    const took = clock.monotonic() - started
    if (took > SLOW_MS) chunk = Math.max(HOUR, chunk / 2)
    else if (took < QUICK_MS) chunk = Math.min(LONGEST, chunk * 2)
    return written
  }

  return {
    roll: async (tier, from, to) => {
      if (from >= to) return 0
      const seam = Math.min(to, Math.max(from, windowCeil(options.rawHorizon(), HOUR)))
      const finer = TIERS[TIERS.indexOf(tier) - 1] ?? 'raw'
      let written = 0
      const rebuilt = await fromFirst(finer, from)
      if (rebuilt < seam) written += await options.rebuild(tier, rebuilt, seam)
      let at = await fromFirst('raw', seam)
      while (at < to) {
        const end = Math.min(to, windowStart(at, HOUR) + chunk)
        written += await rollChunk(tier, at, end)
        options.onProgress((end - at) / HOUR)
        at = end
      }
      return written
    },
    stop: () => {
      stopped = true
    },
  }
}
