import { ROLLUP_TIERS, TIER_MS, type RollupTier } from '../../catalog/tiers.ts'
import type { Clock } from '../../points/clock.ts'
import { HOUR, instant, MINUTE, toIso, windowStart } from '../../points/instant.ts'
import { LATE_MS } from '../../spool/sender.ts'
import { bucketName } from './buckets.ts'
import { everySeries } from './ends.ts'
import { source } from './flux-text.ts'
import type { Collector, Queries } from './queries.ts'
import { createTimeReader } from './rfc3339.ts'
import { LOOK_BACK_MS, taskName } from './rollup-script.ts'
import type { StateBook } from './state.ts'

export type TaskWatch = {
  /** Looks how far the tasks have come and moves the marks; resolves with the tiers that they will not catch up. */
  look(): Promise<readonly RollupTier[]>
  /** Tasks that are behind though there is something to do. */
  problems(): readonly string[]
}

type Options = {
  readonly queries: Queries
  readonly prefix: string
  readonly clock: Clock
  readonly state: StateBook
  /** The newest raw row of all hosts, as far as it is known. */
  readonly newestRaw: () => Promise<number | undefined>
}

/** How long after its end a window may be missing before the task is said to be behind. */
const PATIENCE_MS = 5 * MINUTE

/**
 * A token that may look at runs of tasks may do all that the owner of the tasks may, so nobody gets one: how far the
 * tasks have come is seen by what they have written.
 *
 * A run at S makes the windows of [S - look-back, S). That a window W is there says that some run at or after its end
 * has been done. All windows up to W are there for sure when the mark lies within the look-back of the latest run
 * that W can come from; and they are final when that run came so long after their end that whatever came later
 * was noted as late.
 */
export const createTaskWatch = ({
  queries,
  prefix,
  clock,
  state,
  newestRaw,
}: Options): TaskWatch => {
  const behind = new Map<RollupTier, string>()
  const suspected = new Set<RollupTier>()

  const lookAt = (
    tier: RollupTier,
    newest: number | undefined,
    now: number,
    raw: number,
  ): boolean => {
    const step = TIER_MS[tier]
    const latestRun = windowStart(now, step)
    // a clock was set back: what has not been yet is not rolled up
    const mark = Math.min(state.mark(tier) ?? Number.NaN, latestRun)
    // nothing is known yet: it is found out by rolling up
    if (Number.isNaN(mark)) return true
    state.setMark(tier, mark)
    const isConnected = mark >= latestRun - LOOK_BACK_MS[tier]
    if (isConnected && newest !== undefined && newest + step <= now) {
      const final = windowStart(newest + step - LATE_MS, step)
      if (final > mark) state.setMark(tier, final)
    }
    const reached = newest === undefined ? mark : Math.max(mark, newest + step)
    // windows with raw rows that a run should have made by now
    const due = Math.min(windowStart(raw, step), windowStart(now - PATIENCE_MS, step))
    if (due <= reached) {
      suspected.delete(tier)
      behind.delete(tier)
    } else if (suspected.has(tier))
      behind.set(
        tier,
        `The task ${taskName(prefix, tier)} has made no window since ${toIso(instant(reached))}; PerfWatch rolls up itself meanwhile. See \`influx task list\` and \`influx task run list --task-id\`.`,
      )
    // once is nothing: points of an outage have just come, and are about to be rolled up
    else suspected.add(tier)
    return !isConnected
  }

  return {
    look: async () => {
      const now = clock.now()
      const newest = await queries.ask(newestScript(prefix, now), collectNewest)
      const raw = (await newestRaw()) ?? -Infinity
      return ROLLUP_TIERS.filter((tier) => lookAt(tier, newest.get(tier), now, raw))
    },
    problems: () => [...behind.values()],
  }
}

/** The newest window of each tier, of the last hours: nothing older matters. */
export const newestScript = (prefix: string, now: number): string =>
  ROLLUP_TIERS.map((tier) => {
    const shelf = { dataset: 'metrics', tier } as const
    const range = { from: now - LOOK_BACK_MS[tier] - 2 * HOUR, to: now + MINUTE }
    return `${source(bucketName(prefix, shelf), range, [everySeries(shelf)])}
    |> last()
    |> keep(columns: ["_time"])
    |> group()
    |> max(column: "_time")
    |> yield(name: "${tier}")`
  }).join('\n\n')

const collectNewest = (): Collector<ReadonlyMap<string, number>> => {
  const newest = new Map<string, number>()
  const readTime = createTimeReader()
  return {
    row: (values, meta) => {
      const result = meta.columns.find(({ label }) => label === 'result')
      const time = meta.columns.find(({ label }) => label === '_time')
      if (result === undefined || time === undefined) return
      newest.set(values[result.index] || result.defaultValue, readTime(values[time.index] ?? ''))
    },
    answer: () => newest,
  }
}
