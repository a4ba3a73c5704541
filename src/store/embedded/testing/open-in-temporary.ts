import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { instant, type Instant } from '../../../points/instant.ts'
import { fakeClock } from '../../../testing/fake-clock.ts'
import { openEmbedded, type EmbeddedOptions, type EmbeddedStore } from '../open-embedded.ts'

export const START = instant(Date.parse('2025-01-18T00:00:00Z'))

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'perfwatch-store-'))

export type TemporaryStore = {
  readonly folder: string
  readonly start: Instant
  readonly store: EmbeddedStore
  pass(ms: number): void
  setWall(at: Instant): void
  reopen(): Promise<EmbeddedStore>
  /** Closes the store and deletes its folder. */
  close(): Promise<void>
}

/** A store in a folder of its own, with a clock that is turned by hand. */
export const openInTemporary = (
  options: Omit<EmbeddedOptions, 'folder' | 'clock'> = {},
): TemporaryStore => {
  const folder = temporaryFolder()
  const time = fakeClock({ start: START })
  const open = () => openEmbedded({ ...options, folder, clock: time.clock })
  let store = open()
  return {
    folder,
    start: START,
    get store() {
      return store
    },
    pass: time.block,
    setWall: time.setWall,
    reopen: async () => {
      await store.close()
      store = open()
      return store
    },
    close: async () => {
      await store.close()
      rmSync(folder, { recursive: true })
    },
  }
}
