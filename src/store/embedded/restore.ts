import { existsSync } from 'node:fs'
import { chmod, copyFile, mkdir, mkdtemp, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../app-error.ts'
import { openSql } from './database.ts'
import { lockFolder } from './lock.ts'
import { openSeriesFile, SERIES_FILE } from './schema.ts'

export type Restored = {
  /** Where the history that was there lies now; null: there was none. */
  readonly aside: string | null
}

const conflict = (detail: string) => new AppError({ code: 'conflict', detail })

/**
 * Puts a backup in the place of a folder's history, while no server runs on it. The copy is looked through before
 * anything is touched; what was there is moved aside, and only with `replace`. Throws an AppError.
 */
export const restoreFile = async (
  folder: string,
  file: string,
  options: { readonly replace: boolean; readonly stamp: string },
): Promise<Restored> => {
  if (!existsSync(file)) throw new AppError({ code: 'not-found', detail: `There is no ${file}.` })
  const target = join(folder, SERIES_FILE)
  const lock = lockFolder(folder)
  try {
    const isThere = existsSync(target)
    if (isThere && !options.replace)
      throw conflict(
        `${target} exists: with --replace it is moved aside, and kept, before the backup takes its place.`,
      )
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const work = await mkdtemp(join(folder, 'restore-'))
    try {
      const fresh = join(work, SERIES_FILE)
      await copyFile(file, fresh)
      await chmod(fresh, 0o600)
      check(work, fresh, file)
      await synced(fresh)
      const aside = isThere ? await moveAside(target, options.stamp) : null
      await rename(fresh, target)
      await synced(folder)
      return { aside }
    } finally {
      await rm(work, { recursive: true, force: true })
    }
  } finally {
    lock.release()
  }
}

/** Ours, not of a newer PerfWatch, and whole. */
const check = (folder: string, copy: string, file: string): void => {
  openSeriesFile(folder, true).close()
  const sql = openSql(copy)
  try {
    const found = sql.first('PRAGMA quick_check(1)')?.[0]
    if (found !== 'ok')
      throw new AppError({ code: 'setup', detail: `${file} is damaged (${String(found)}).` })
    // what a reader has opened beside the copy must not be left behind
    sql.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  } finally {
    sql.close()
  }
}

/** With its journal: an old journal beside another file would damage it. */
const moveAside = async (target: string, stamp: string): Promise<string> => {
  const aside = `${target}.before-${stamp}`
  if (existsSync(aside)) throw conflict(`${aside} exists; move it away.`)
  await rename(target, aside)
  for (const suffix of ['-wal', '-shm'])
    if (existsSync(`${target}${suffix}`)) await rename(`${target}${suffix}`, `${aside}${suffix}`)
  return aside
}

const synced = async (path: string): Promise<void> => {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
