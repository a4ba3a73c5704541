import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Accounts } from '../accounts/accounts.ts'
import { DEFAULT_CONFIG } from '../accounts/config.ts'
import { ACCOUNTS_FILE } from '../accounts/data-folder.ts'
import { openAccounts } from '../accounts/open-accounts.ts'
import { AppError } from '../app-error.ts'
import { systemClock } from '../points/clock.ts'
import { SECOND } from '../points/instant.ts'
import { cleanName } from '../points/line-protocol.ts'
import { keptHostName } from '../serve/host-name.ts'
import { machineName, type Settings } from '../settings.ts'
import { openSql, sqliteCode } from '../store/embedded/database.ts'
import { lockFolder } from '../store/embedded/lock.ts'
import { openEmbedded } from '../store/embedded/open-embedded.ts'
import { SERIES_FILE } from '../store/embedded/schema.ts'
import type { SeriesStore } from '../store/store.ts'
import type { FolderFacts } from './rooms.ts'

const clock = systemClock

export const storeFileOf = (folder: string): string => join(folder, SERIES_FILE)

/** The accounts of a folder whose server has run; AppError `not-found` where none has, and nothing is made. */
export const openAccountsOf = async (settings: Settings): Promise<Accounts> => {
  const folder = settings.DATA_DIR
  if (!existsSync(join(folder, ACCOUNTS_FILE)))
    throw new AppError({
      code: 'not-found',
      detail: `There are no accounts in ${folder} yet: start the server once, or name its data folder with --data-dir or DATA_DIR.`,
    })
  const { accounts } = await openAccounts({
    folder,
    clock,
    adminUsername: settings.ADMIN_USERNAME,
    jwtSecret: settings.JWT_SECRET,
    jwtExpireHours: settings.JWT_EXPIRE_HOURS,
  })
  return accounts
}

/**
 * The series store of a folder. `read` works beside a running server, and wants a store that is there; `write` takes the
 * folder as a server does. AppError `setup` where that cannot be.
 */
export const openStoreOf = async (
  settings: Settings,
  access: 'read' | 'write',
): Promise<SeriesStore> => {
  if (settings.INFLUX_URL !== undefined)
    throw new AppError({
      code: 'setup',
      detail:
        'The history is in InfluxDB (INFLUX_URL), not in the data folder: ask the server with --url.',
    })
  const folder = settings.DATA_DIR
  if (access === 'read') return openEmbedded({ folder, clock, readOnly: true })
  const lock = lockFolder(folder)
  try {
    const store = openEmbedded({ folder, clock })
    return { ...store, close: () => store.close().finally(lock.release) }
  } catch (error) {
    lock.release()
    throw error
  }
}

/** As the folder's server has them, where one has run. */
export const factsOf = async (settings: Settings): Promise<FolderFacts> => {
  const given = settings.HOST_NAME === undefined ? undefined : cleanName(settings.HOST_NAME)
  if (!existsSync(join(settings.DATA_DIR, ACCOUNTS_FILE)))
    return {
      host: given ?? cleanName(machineName()),
      samplingIntervalMs: DEFAULT_CONFIG.sampling_interval_seconds * SECOND,
    }
  const accounts = await openAccountsOf(settings)
  try {
    return {
      host: given ?? keptHostName(accounts.facts) ?? cleanName(machineName()),
      samplingIntervalMs: accounts.config.get().sampling_interval_seconds * SECOND,
    }
  } finally {
    await accounts.close()
  }
}

/** What SQLite finds wrong with the store's file; null: it is whole. */
export const damageIn = (folder: string): string | null => {
  try {
    const sql = openSql(storeFileOf(folder))
    try {
      sql.exec('PRAGMA query_only = ON')
      const found = sql.first('PRAGMA quick_check(1)')?.[0]
      return found === 'ok' ? null : String(found)
    } finally {
      sql.close()
    }
  } catch (error) {
    return sqliteCode(error) ?? String(error)
  }
}
