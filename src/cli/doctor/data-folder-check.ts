import { access, constants, readdir, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { formatValue } from '../text/value.ts'
import { absent, broken, note, ok, type Check, type Finding } from './finding.ts'

const MEGABYTE = 1024 ** 2
/** Below this the store will soon fail; a day of one host needs a few megabytes. */
const TOO_LITTLE = 50 * MEGABYTE
const LITTLE = 1024 * MEGABYTE

/** The data folder: there, ours, closed to others, with room. */
export const dataFolderCheck = (folder: string, serverRuns: () => Promise<boolean>): Check => ({
  name: 'Data folder',
  run: async () => {
    const found = await stat(folder).catch(() => undefined)
    if (found === undefined)
      return [
        absent(
          'Data folder',
          `${folder} is not there yet.`,
          'The first start makes it; another one is named by DATA_DIR.',
        ),
      ]
    if (!found.isDirectory())
      return [broken('Data folder', `${folder} is no folder.`, 'Set DATA_DIR to a folder.')]
    return [
      await writable(folder),
      ...closed(folder, found.mode),
      await room(folder),
      (await serverRuns())
        ? ok('Server', 'runs on this data folder')
        : absent('Server', 'does not run on this data folder.', 'perfwatch serve starts it.'),
    ]
  },
})

const writable = async (folder: string): Promise<Finding> => {
  try {
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK)
    return ok('Data folder', `${folder}, ${formatValue(await sizeOf(folder), 'bytes')}`)
  } catch {
    return broken(
      'Data folder',
      `${folder} cannot be written by this user.`,
      'Give this user the right to write it, or set DATA_DIR to another folder.',
    )
  }
}

const closed = (folder: string, mode: number): readonly Finding[] =>
  (mode & 0o077) === 0
    ? []
    : [
        note(
          'Data folder',
          `${folder} is open to other users of this machine.`,
          `Run: chmod 700 ${folder}`,
        ),
      ]

const room = async (folder: string): Promise<Finding> => {
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  const says = `${formatValue(free, 'bytes')} are free`
  if (free < TOO_LITTLE)
    return broken('Disk space', `Only ${says}.`, 'Make room on the disk of DATA_DIR.')
  return free < LITTLE
    ? note('Disk space', `Only ${says}.`, 'Make room, or shorten retention_days.')
    : ok('Disk space', says)
}

const sizeOf = async (folder: string): Promise<number> => {
  const names = await readdir(folder)
  const sizes = await Promise.all(
    names.map(async (name) => {
      const found = await stat(join(folder, name)).catch(() => undefined)
      return found?.isFile() === true ? found.size : 0
    }),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
