import type { Revocation } from './accounts.ts'
import type { Database } from './database.ts'
import { createListeners, type OnProblem } from './listeners.ts'

export type Revocations = {
  onRevoked(listener: (revocation: Revocation) => void): () => void
  /** Tells of sessions that were ended here; their keys, so that they are not told again as another process's. */
  announce(revocations: readonly Revocation[], endedKeys: readonly string[]): void
  /** Tells of what other processes have ended. */
  tellForeign(): void
  /** Drops what every process has had time to read. */
  forgetOld(): void
}

/** Every ended session leaves a row, by a trigger, so also one that was deleted by hand or with its user. */
export const createRevocations = (db: Database, onProblem: OnProblem): Revocations => {
  const listeners = createListeners<Revocation>('ended sessions', onProblem)
  let seen = db.first<{ id: number | null }>('SELECT max(id) AS id FROM ended_session')?.id ?? 0

  const tell = (endedHere: ReadonlySet<string>): void => {
    const ended = db.all<{ id: number; key: string }>(
      'SELECT id, key FROM ended_session WHERE id > ? ORDER BY id',
      [seen],
    )
    for (const { id, key } of ended) {
      seen = id
      if (!endedHere.has(key)) listeners.emit({ kind: 'session', sessionKey: key })
    }
  }

  return {
    onRevoked: listeners.add,
    announce: (revocations, endedKeys) => {
      for (const revocation of revocations) listeners.emit(revocation)
      if (endedKeys.length > 0) tell(new Set(endedKeys))
    },
    tellForeign: () => tell(new Set()),
    forgetOld: () => {
      // SQLite's own clock, as in the trigger.
      db.run('DELETE FROM ended_session WHERE at < (unixepoch() - 3600) * 1000')
    },
  }
}
