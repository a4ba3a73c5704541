import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
/** Inside the checkout, so that the packages are found; never packed. */
const CACHE = join(ROOT, 'node_modules', '.cache')

const run = promisify(execFile)

/** The product as it is shipped, built from the sources of now: the file to run. It goes when the tests end. */
export const buildProduct = async (): Promise<string> => {
  mkdirSync(CACHE, { recursive: true })
  // tests of several files run at once
  const folder = mkdtempSync(join(CACHE, 'perfwatch-built-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  await run(process.execPath, [join(ROOT, 'scripts', 'build.js'), folder])
  return join(folder, 'perfwatch.js')
}

/** Days of the host `demo`, into a data folder that no server uses. */
export const seedDemo = async (entry: string, folder: string, days: number): Promise<void> => {
  await run(process.execPath, [entry, 'seed', '--days', String(days), '--data-dir', folder])
}

/** What the folder's embedded store has, into the InfluxDB on which its server runs. */
export const copyToInflux = async (
  entry: string,
  folder: string,
  influxUrl: string,
): Promise<void> => {
  const { PATH = '' } = process.env
  await run(
    process.execPath,
    [entry, 'copy', '--from', 'embedded', '--to', 'influx', '--data-dir', folder],
    { env: { PATH, HOME: folder, INFLUX_URL: influxUrl } },
  )
}
