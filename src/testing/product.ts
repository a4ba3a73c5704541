import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { cp, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { InfluxBinaries } from '../../scripts/influxd/find.ts'
import { startInfluxd, type InfluxServer } from './influxd.ts'
import { startServerProcess, temporaryFolder, type ServerProcess } from './server-process.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** Inside the checkout, so that the packages are found; never packed. */
export const BUILDS = join(ROOT, 'node_modules', '.cache')
/** The variable that names the folder in which a suite of tests shares one build. */
export const BUILT = 'PERFWATCH_TESTS_BUILT'

const run = promisify(execFile)

const build = async (): Promise<string> => {
  const shared = process.env[BUILT]
  if (shared === undefined) {
    mkdirSync(BUILDS, { recursive: true })
    const own = mkdtempSync(join(BUILDS, 'perfwatch-built-'))
    process.once('exit', () => rmSync(own, { recursive: true, force: true }))
    return buildInto(own)
  }
  // who watches the tests changes the sources between two runs
  const wanted = join(shared, String(newestOf(join(ROOT, 'src'))))
  if (!existsSync(wanted)) {
    const own = mkdtempSync(join(shared, 'being-built-'))
    await buildInto(own)
    // of two that have begun at once the second one's is the same
    await rename(own, wanted).catch((error: unknown) => {
      if (!existsSync(wanted)) throw error
    })
  }
  return join(wanted, ENTRY)
}

const ENTRY = 'perfwatch.js'
const buildInto = async (folder: string): Promise<string> => {
  await run(process.execPath, [join(ROOT, 'scripts', 'build.js'), folder])
  return join(folder, ENTRY)
}
const newestOf = (folder: string): number =>
  Math.max(
    ...readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(
      (name) => statSync(join(folder, name)).mtimeMs,
    ),
  )
let built: Promise<string> | undefined

/** The product as it is shipped, built once from the sources of now: the file to run. It goes when the tests end. */
export const buildProduct = (): Promise<string> => (built ??= build())

const seed = async (days: number): Promise<string> => {
  const folder = temporaryFolder()
  const args = [await buildProduct(), 'seed', '--days', String(days), '--data-dir', folder]
  await run(process.execPath, args, { env: { PATH: process.env.PATH ?? '' } })
  return folder
}
/** Folders with so many days of the host `demo`, to be copied: each takes seconds to fill. */
const seeded = new Map<number, Promise<string>>()

export type Product = {
  /** The one that runs now. */
  server(): ServerProcess
  readonly influxd: InfluxServer | undefined
  /** Runs `perfwatch` as a person beside the server would; resolves with what it wrote. */
  cli(...args: readonly string[]): Promise<string>
  /** Ends the server and starts it anew at the same port. */
  restart(): Promise<void>
  end(): Promise<void>
}

type Wanted = {
  /** Days of the host `demo`. */
  readonly days: number
  /** Without them the embedded store. */
  readonly influx?: InfluxBinaries | null
  readonly settings?: Readonly<Record<string, string>>
  /** Adds to what is in InfluxDB before the server looks at it. */
  readonly more?: (influxd: InfluxServer, folder: string) => Promise<void>
}

/** The product as it is shipped, on a store of its own. */
export const openProduct = async ({ days, influx, settings, more }: Wanted): Promise<Product> => {
  const entry = await buildProduct()
  const folder = temporaryFolder()
  const filled = seeded.get(days) ?? seed(days)
  seeded.set(days, filled)
  await cp(await filled, folder, { recursive: true })

  const influxd = influx ? await startInfluxd(influx) : undefined
  const store = influxd && { INFLUX_URL: influxd.url }
  const start = (besides?: Readonly<Record<string, string>>) =>
    startServerProcess(folder, { ...store, ...settings, ...besides }, [entry])
  const env = { PATH: process.env.PATH ?? '', HOME: folder, DATA_DIR: folder, ...store }
  const cli = async (...args: readonly string[]) =>
    (await run(process.execPath, [entry, ...args], { cwd: ROOT, env })).stdout

  let server = await start()
  if (influxd !== undefined) {
    await cli('copy', '--from', 'embedded', '--to', 'influx')
    await more?.(influxd, folder)
    // what it had looked up before it would find out in a while
    await server.end('SIGTERM')
    server = await start()
  }
  return {
    server: () => server,
    influxd,
    cli,
    restart: async () => {
      const { port } = new URL(server.url)
      await server.end('SIGTERM')
      server = await start({ PORT: port })
    },
    end: async () => {
      await server.end('SIGTERM')
      await influxd?.end()
    },
  }
}
