import { ROLLUP_TIERS, TIER_MS, type RollupTier } from '../../catalog/tiers.ts'
import { HOUR, instant, windowCeil, windowStart, type TimeRange } from '../../points/instant.ts'
import type { Queue } from '../../spool/queue.ts'
import { createStretchRoller, type StretchOptions } from './roll-stretch.ts'
import type { StateBook } from './state.ts'

export type Rollups = {
  /** Closes what has closed since the marks, and every dirty hour. Resolves with the windows written. */
  rollDue(): Promise<number>
  /** Only the dirty hours. */
  rollDirty(): Promise<number>
  /** Closes one tier from its mark on: its task has fallen too far behind to do so. */
  rollTier(tier: RollupTier): Promise<number>
  /** All closed windows of a range, again. */
  rollRange(range: TimeRange): Promise<number>
  /** Points before this are late: windows up to here are told to be rolled up, or are just being. */
  claimedTo(): number
  /** Windows written by us since the start. */
  windows(): number
  /** Hours that are still to be rolled up in the run of now. */
  hoursLeft(): number
  /** Ends the run of now at the next chunk. */
  stop(): void
}

export type RollupsOptions = Omit<StretchOptions, 'onProgress'> & {
  readonly state: StateBook
  readonly dirt: Pick<Queue, 'dirtyHours' | 'clean'>
  /** Tells what has changed. */
  readonly onRolled: (tier: RollupTier) => void
}

/**
 * What tasks do not do by themselves: hours that points came into too late, windows that were due while InfluxDB was
 * down, ranges that a person asks for. One at a time.
 */
export const createRollups = (options: RollupsOptions): Rollups => {
  const { clock, state, dirt } = options
  let claimedTo = -Infinity
  let windows = 0
  let left = 0
  let last: Promise<unknown> = Promise.resolve()
  const roller = createStretchRoller({
    ...options,
    onProgress: (hours) => {
      left = Math.max(0, left - hours)
    },
  })

  const inTurn = (work: () => Promise<number>): Promise<number> => {
    const mine = last.then(work)
    last = mine.catch(() => undefined)
    return mine
  }

  const roll = async (tier: RollupTier, from: number, to: number): Promise<number> => {
    const written = await roller.roll(tier, from, to)
    windows += written
    if (written > 0) options.onRolled(tier)
    return written
  }

  /** The stretch of a tier that has closed and is not rolled up. */
  const pending = async (tier: RollupTier): Promise<{ from: number; to: number } | undefined> => {
    const raw = await options.ends('raw')
    if (raw === undefined) return undefined
    const step = TIER_MS[tier]
    const from = state.mark(tier) ?? windowStart(raw.first, HOUR)
    // not beyond the last row: a host that was away is not late, and a clock that runs ahead rolls up nothing
    const to = Math.min(windowStart(clock.now(), step), windowStart(raw.last, step) + step)
    return from < to ? { from, to } : undefined
  }

  /** `from`: where it began; Infinity: there was nothing to close. */
  const closeTier = async (tier: RollupTier): Promise<{ from: number; written: number }> => {
    const open = await pending(tier)
    if (open === undefined) return { from: Infinity, written: 0 }
    const { from, to } = open
    // from now on what comes before `to` is late, whatever of it has been read by then
    claimedTo = Math.max(claimedTo, to)
    const written = await roll(tier, from, to)
    state.setMark(tier, to)
    return { from, written }
  }

  const dirtyStretches = (): readonly TimeRange[] => {
    const stretches: { from: number; to: number }[] = []
    for (const hour of dirt.dirtyHours().keys()) {
      const before = stretches.at(-1)
      if (before?.to === hour) before.to += HOUR
      else stretches.push({ from: hour, to: hour + HOUR })
    }
    return stretches.map(({ from, to }) => ({ from: instant(from), to: instant(to) }))
  }

  /**
   * Where a stretch goes beyond the mark it begins at the mark: the newest window that is there says that all before
   * it are (see the task watch).
   */
  const rollAgain = (tier: RollupTier, from: number, to: number): Promise<number> => {
    const end = Math.min(to, windowStart(clock.now(), TIER_MS[tier]))
    const mark = state.mark(tier)
    return roll(tier, mark !== null && end > mark ? Math.min(from, mark) : from, end)
  }

  const healDirty = async (): Promise<number> => {
    const told = dirt.dirtyHours()
    let written = 0
    for (const { from, to } of dirtyStretches()) {
      // an hour whose raw rows are gone cannot be made better
      const begin = Math.max(from, options.rawHorizon())
      for (const tier of ROLLUP_TIERS) if (begin < to) written += await rollAgain(tier, begin, to)
      for (const [hour, version] of told) if (hour >= from && hour < to) dirt.clean(hour, version)
    }
    return written
  }

  const counted = async (hours: number, work: () => Promise<number>): Promise<number> => {
    left = hours
    try {
      return await work()
    } finally {
      left = 0
      await state.save()
    }
  }

  return {
    rollDue: () =>
      inTurn(async () => {
        const told = dirt.dirtyHours()
        const open = await Promise.all(ROLLUP_TIERS.map(pending))
        const hours = open.reduce((sum, one) => sum + hoursOf(one), 0)
        return counted(hours + dirt.dirtyHours().size * ROLLUP_TIERS.length, async () => {
          const closed: { from: number; written: number }[] = []
          for (const tier of ROLLUP_TIERS) closed.push(await closeTier(tier))
          // hours that all tiers have just closed from their beginning are clean already
          const closedFrom = Math.max(...closed.map(({ from }) => from))
          for (const [hour, version] of told) if (hour >= closedFrom) dirt.clean(hour, version)
          const written = closed.reduce((sum, one) => sum + one.written, 0)
          return written + (await healDirty())
        })
      }),
    rollDirty: () => inTurn(() => counted(dirt.dirtyHours().size * ROLLUP_TIERS.length, healDirty)),
    rollTier: (tier) =>
      inTurn(async () => {
        return counted(hoursOf(await pending(tier)), async () => (await closeTier(tier)).written)
      }),
    rollRange: (range) =>
      inTurn(() =>
        counted((ROLLUP_TIERS.length * (range.to - range.from)) / HOUR, async () => {
          let written = 0
          for (const tier of ROLLUP_TIERS) {
            const step = TIER_MS[tier]
            const to = windowCeil(range.to, step)
            written += await rollAgain(tier, windowStart(range.from, step), to)
          }
          return written
        }),
      ),
    claimedTo: () =>
      Math.max(claimedTo, ...ROLLUP_TIERS.map((tier) => state.mark(tier) ?? -Infinity)),
    windows: () => windows,
    hoursLeft: () => Math.ceil(left),
    stop: roller.stop,
  }
}

const hoursOf = (stretch: { readonly from: number; readonly to: number } | undefined): number =>
  stretch === undefined ? 0 : (stretch.to - stretch.from) / HOUR
