import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { instant, type Instant } from '../../src/points/instant.ts'
import type { Point } from '../../src/points/point.ts'
import { openEmbedded, type EmbeddedStore } from '../../src/store/embedded/open-embedded.ts'
import { valuesOf } from './synthetic-host.ts'

export const STEP_MS = 5_000
/** A Tuesday: the made-up host has working days. */
export const BEGIN = Date.UTC(2025, 0, 14)

export type FastHost = {
  readonly folder: string
  readonly store: EmbeddedStore
  /** The next sample, 5 s later: written, without maintenance. */
  readonly sample: () => Promise<number>
  /** Milliseconds of each stretch of maintenance. */
  readonly stretches: number[]
  readonly pass: (ms: number) => void
  readonly close: () => Promise<void>
}

/** A store and a host whose time runs as fast as it can, from `BEGIN` on. */
export const openFastHost = (points: (at: Instant) => readonly Point[]): FastHost => {
  const folder = mkdtempSync(join(tmpdir(), 'perfwatch-bench-'))
  let now = BEGIN - STEP_MS
  const stretches: number[] = []
  const store = openEmbedded({
    folder,
    clock: { now: () => instant(now), monotonic: () => now },
    pace: { onStretch: (length) => stretches.push(length) },
  })
  return {
    folder,
    store,
    stretches,
    sample: async () => {
      now += STEP_MS
      const made = points(instant(now))
      await store.write('metrics', made)
      return valuesOf(made)
    },
    pass: (time) => {
      now += time
    },
    close: async () => {
      await store.close()
      rmSync(folder, { recursive: true })
    },
  }
}
