import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Accounts } from '../accounts/accounts.ts'
import { DEFAULT_CONFIG, type Config } from '../accounts/config.ts'
import { ACCOUNTS_FILE } from '../accounts/data-folder.ts'
import { openAccounts } from '../accounts/open-accounts.ts'
import { AppError } from '../app-error.ts'
import { systemClock } from '../points/clock.ts'
import { SECOND } from '../points/instant.ts'
import { cleanName } from '../points/line-protocol.ts'
import { keptHostName } from '../serve/host-name.ts'
import { openStore, openStoreBeside, pastNotes, type StoreNote } from '../serve/open-store.ts'
import { machineName, processEnvironment, type Settings } from '../settings.ts'
import { openSql, sqliteCode } from '../store/embedded/database.ts'
import { lockFolder } from '../store/embedded/lock.ts'
import { SERIES_FILE } from '../store/embedded/schema.ts'
import type { SeriesStore } from '../store/store.ts'
import type { FolderFacts, StoreAccess } from './rooms.ts'

const clock = systemClock

/** InfluxDB counts as there: whether it is, is found out by asking it. */
export const isStoreThere = (settings: Settings): boolean =>
  settings.INFLUX_URL !== undefined || existsSync(join(settings.DATA_DIR, SERIES_FILE))

export const notesOn = (settings: Settings): readonly StoreNote[] =>
  settings.INFLUX_URL === undefined ? [] : pastNotes(settings.DATA_DIR)

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

/** The series store of a folder that is there; AppError `setup` where it cannot be opened so. */
export const openStoreOf = async (
  settings: Settings,
  access: StoreAccess,
): Promise<SeriesStore> => {
  const folder = settings.DATA_DIR
  const place = { path: processEnvironment()['PATH'] ?? '' }
  const config = await configOf(settings)
  const isBeside = access === 'read' || (access === 'roll' && settings.INFLUX_URL !== undefined)
  if (isBeside) return openStoreBeside(settings, config, clock, place)
  const lock = lockFolder(folder)
  try {
    const { store } = await openStore(settings, config, clock, place)
    return { ...store, close: () => store.close().finally(lock.release) }
  } catch (error) {
    lock.release()
    throw error
  }
}

/** As the folder's server has it, where one has run. */
export const configOf = async (settings: Settings): Promise<Config> => {
  if (!existsSync(join(settings.DATA_DIR, ACCOUNTS_FILE))) return DEFAULT_CONFIG
  const accounts = await openAccountsOf(settings)
  try {
    return accounts.config.get()
  } finally {
    await accounts.close()
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
export const damageIn = (settings: Settings): string | null => {
  if (settings.INFLUX_URL !== undefined) return null
  try {
    const sql = openSql(join(settings.DATA_DIR, SERIES_FILE))
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
