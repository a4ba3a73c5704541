import { join } from 'node:path'
import { instant, HOUR, MINUTE } from '../../../points/instant.ts'
import type { Point } from '../../../points/point.ts'
import { numberAt, openSql } from '../database.ts'
import { openEmbedded } from '../open-embedded.ts'
import { SERIES_FILE } from '../schema.ts'

/*
 * The process that is killed: it writes a sample every 5 s of a time that runs as fast as it can, so that rollups
 * and seals come many times a second. It tells on stdout each sample when the store has acknowledged it
 * (`sample <instant>`), and each hour how many chunks there are (`chunks <count>`).
 * Arguments: the folder, the first instant.
 */

export const HOST_OF_KILLED = 'doomed'

/** The points of an instant can be told from the instant. */
export const pointsAt = (at: number): readonly Point[] => {
  const tick = at / 5_000
  const tags = { host: HOST_OF_KILLED }
  return [
    {
      measurement: 'cpu',
      tags,
      fields: { user: (tick % 977) / 8, load_avg_1: tick % 31, core_count: 4 },
      at: instant(at),
    },
    ...['0', '1', '2', '3'].map((core) => ({
      measurement: 'cpu_core',
      tags: { ...tags, core },
      fields: { usage_percent: (tick + Number(core)) % 100 },
      at: instant(at),
    })),
  ]
}

export const writeUntilKilled = async (folder: string, from: number) => {
  let now = from
  const clock = { now: () => instant(now), monotonic: () => now }
  const store = openEmbedded({ folder, clock, pace: { stretchMs: 1 } })
  const looker = openSql(join(folder, SERIES_FILE))
  const tell = (what: string, value: number) => process.stdout.write(`${what} ${value}\n`)
  let maintained: Promise<unknown> = Promise.resolve()
  for (;;) {
    now += 5_000
    await store.write('metrics', pointsAt(now))
    tell('sample', now)
    // A late sample now and then makes old windows dirty.
    if (now % HOUR === 0) await store.write('metrics', pointsAt(now - HOUR))
    // Samples go on beside it, but not so fast that it never gets to an end.
    if (now % MINUTE === 0) maintained = Promise.all([maintained, store.maintain()])
    if (now % HOUR !== 0) continue
    await maintained
    tell('chunks', numberAt(looker.first('SELECT count(*) FROM chunk') ?? [], 0))
  }
}

const [, , folder, from] = process.argv
if (folder !== undefined && from !== undefined) await writeUntilKilled(folder, Number(from))
