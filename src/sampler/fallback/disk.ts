import type { Row } from '../../points/sample.ts'
import { row, type Collector, type Tick } from '../collector.ts'
import { growth, percent, perSecond, sinceLast } from '../rates.ts'
import { count, DEADLINE_MS, number, ok, type FallbackDeps, type MountAnswer } from './source.ts'

/** Sizes of file systems change slowly, and asking for them starts a process. */
const SIZES_EVERY_MS = 60_000

export const openDisk = ({ source }: FallbackDeps): Collector => {
  const since = sinceLast<{
    readonly read: number | undefined
    readonly written: number | undefined
  }>()
  const sizes = every(SIZES_EVERY_MS, async () => mountsOf(await source.fsSize()))
  return {
    metric: 'disk',
    deadlineMs: DEADLINE_MS,
    collect: async (tick) => {
      const stats = await source.fsStats()
      const now = { read: number(stats?.rx) ?? undefined, written: number(stats?.wx) ?? undefined }
      const { before, elapsedMs } = since(now, tick.monotonicMs)
      return ok([
        row('disk', {
          read_bytes_per_sec: perSecond(growth(before?.read, now.read), elapsedMs),
          write_bytes_per_sec: perSecond(growth(before?.written, now.written), elapsedMs),
        }),
        ...(await sizes(tick)),
      ])
    },
  }
}

const mountsOf = (answers: readonly MountAnswer[]): readonly Row[] =>
  answers.flatMap(({ mount, size, used }) => {
    const total = count(size)
    if (typeof mount !== 'string' || mount === '' || total === null) return []
    const taken = number(used)
    return [
      row(
        'filesystem',
        {
          total_bytes: total,
          used_bytes: taken,
          usage_percent: taken === null ? null : percent(taken, total),
        },
        mount,
      ),
    ]
  })

/** Asks again only after so long; a failure is not kept. */
const every = <T>(ms: number, ask: () => Promise<T>): ((tick: Tick) => Promise<T>) => {
  let last: { readonly value: T; readonly monotonicMs: number } | undefined
  return async ({ monotonicMs }) => {
    if (last === undefined || monotonicMs - last.monotonicMs >= ms)
      last = { value: await ask(), monotonicMs }
    return last.value
  }
}
