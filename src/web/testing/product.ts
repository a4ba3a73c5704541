import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
/** Inside the checkout, so that the packages are found; never packed. */
const FOLDER = join(ROOT, 'node_modules', '.cache', 'perfwatch-built')

const run = promisify(execFile)

/** The product as it is shipped, built from the sources of now: the file to run. */
export const buildProduct = async (): Promise<string> => {
  await run(process.execPath, [join(ROOT, 'scripts', 'build.js'), FOLDER])
  return join(FOLDER, 'perfwatch.js')
}

/** Thirty days of the host `demo`, into a data folder that no server uses. */
export const seedDemo = async (entry: string, folder: string, days: number): Promise<void> => {
  await run(process.execPath, [entry, 'seed', '--days', String(days), '--data-dir', folder])
}
