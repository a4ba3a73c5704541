import type { Accounts } from './accounts.ts'
import type { Database } from './database.ts'

export const createFacts = (db: Database): Accounts['facts'] => ({
  get: (key) =>
    db.first<{ value: string }>('SELECT value FROM fact WHERE key = ?', [key])?.value ?? null,
  set: async (key, value) => writeFact(db, key, value),
  delete: async (key) => {
    db.run('DELETE FROM fact WHERE key = ?', [key])
  },
  list: (prefix) =>
    db
      .all<{ key: string; value: string }>(
        'SELECT key, value FROM fact WHERE substr(key, 1, length(?)) = ? ORDER BY key',
        [prefix, prefix],
      )
      .map(({ key, value }) => ({ key, value })),
})

export const writeFact = (db: Database, key: string, value: string): void => {
  db.run(
    'INSERT INTO fact(key, value) VALUES (?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value',
    [key, value],
  )
}
