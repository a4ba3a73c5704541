import type { Database } from './database.ts'

export type ForeignChanges = {
  /** Calls the listeners when another connection (the CLI) has committed since the last call: some microseconds if not. */
  check(): void
  /** Listeners run in the order in which they were added; one that throws makes the next check try again. */
  onChange(listener: () => void): void
}

/** Notices what other processes change in the file, by SQLite's `data_version`. */
export const createForeignChanges = (db: Database): ForeignChanges => {
  const listeners: (() => void)[] = []
  let seen = db.dataVersion()
  let telling = false
  return {
    check: () => {
      const version = db.dataVersion()
      if (version === seen || telling) return
      telling = true
      try {
        for (const listener of listeners) listener()
        seen = version
      } finally {
        telling = false
      }
    },
    onChange: (listener) => {
      listeners.push(listener)
    },
  }
}
