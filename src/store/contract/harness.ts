import type { Instant } from '../../points/instant.ts'
import type { SeriesStore } from '../store.ts'

/** A store under test with its surroundings. Everything is thrown away after one test. */
export type StoreHarness = {
  readonly store: SeriesStore
  /** A seam of a UTC day. The store's clock stands there at first; rows are taken from here on. */
  readonly start: Instant
  /** Lets time go by, on both clocks. */
  pass(ms: number): void
  /** Sets the wall clock alone. */
  setWall(at: Instant): void
  /** Resolves when every closed window is rolled up and no window is dirty, by whoever does that. */
  settle(): Promise<void>
  /** Resolves when the rows lie as they do in the long run: sealed, compacted. */
  compact(): Promise<void>
  /** Closes the store and opens it again on the same data. */
  reopen(): Promise<SeriesStore>
  /** A file for `backup`, and the store that is opened on such a copy. */
  readonly backupFile: string
  openBackup(): Promise<SeriesStore>
  close(): Promise<void>
}

/** What a store leaves to others, so that the tests of it say so instead of running. */
export type StoreTraits = {
  /** Deletes by our clock; else a server does by its own. */
  readonly deletesItself: boolean
  /** Copies itself into a file. */
  readonly backsUp: boolean
  /** Keeps control characters and very long texts in tags. */
  readonly keepsAnyText: boolean
  /** Means of numbers whose sum is beyond the largest float; else such a window has everything but its mean. */
  readonly meansAnyNumbers: boolean
}

export type OpenHarness = () => Promise<StoreHarness>
