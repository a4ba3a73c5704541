import type { Accounts } from './accounts.ts'
import { mergeConfig, restoreConfig, type Config } from './config.ts'
import type { Database } from './database.ts'
import type { ForeignChanges } from './foreign-changes.ts'
import { createListeners, type OnProblem } from './listeners.ts'

type Deps = {
  readonly db: Database
  readonly changes: ForeignChanges
  readonly onProblem: OnProblem
}

/** In memory for those who ask, in the file for the next start and for other processes. */
export const createConfigStore = ({ db, changes, onProblem }: Deps): Accounts['config'] => {
  const listeners = createListeners<Config>('the config', onProblem)
  let reported = ''
  const read = (): Config => {
    const { config, dropped } = restoreConfig(readStored(db))
    const problem = dropped.join(', ')
    if (problem !== '' && problem !== reported) {
      onProblem(
        `The stored config has values that are not valid; defaults are used: ${problem}.`,
        null,
      )
    }
    reported = problem
    return config
  }
  let current = read()

  const take = (config: Config): void => {
    if (JSON.stringify(config) === JSON.stringify(current)) return
    current = config
    listeners.emit(config)
  }
  changes.onChange(() => take(read()))

  return {
    get: () => current,
    preview: (change) => mergeConfig(current, change),
    put: async (change) => {
      const merged = db.transaction(() => {
        // From the file: another process may have changed another setting.
        const before = read()
        const after = mergeConfig(before, change)
        for (const [name, value] of Object.entries(after)) {
          if (before[name as keyof Config] !== value) writeConfig(db, name, value)
        }
        return after
      })
      take(merged)
      return merged
    },
    onChange: listeners.add,
  }
}

/** Stores one setting; `value` must be valid. */
export const writeConfig = (db: Database, name: string, value: Config[keyof Config]): void => {
  db.run(
    'INSERT INTO config(key, value) VALUES (?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value',
    [name, JSON.stringify(value)],
  )
}

const readStored = (db: Database): Record<string, unknown> =>
  Object.fromEntries(
    db
      .all<{ key: string; value: string }>('SELECT key, value FROM config')
      .map(({ key, value }) => [key, parsed(value)]),
  )

const parsed = (json: string): unknown => {
  try {
    return JSON.parse(json)
  } catch {
    // Null is valid for no setting, so it is reported with the others.
    return null
  }
}
