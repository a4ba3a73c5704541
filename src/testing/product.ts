import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { InfluxBinaries } from '../../scripts/influxd/find.ts'
import { startInfluxd, type InfluxServer } from './influxd.ts'
import { startServerProcess, temporaryFolder, type ServerProcess } from './server-process.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
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
  const base = { PATH: process.env.PATH ?? '', HOME: folder, DATA_DIR: folder }
  const command = async (env: Readonly<Record<string, string>>, args: readonly string[]) =>
    (await run(process.execPath, [entry, ...args], { cwd: ROOT, env })).stdout
  await command(base, ['seed', '--days', String(days)])

  const influxd = influx ? await startInfluxd(influx) : undefined
  const store = influxd && { INFLUX_URL: influxd.url }
  const start = (besides?: Readonly<Record<string, string>>) =>
    startServerProcess(folder, { ...store, ...settings, ...besides }, [entry])
  const cli = (...args: readonly string[]) => command({ ...base, ...store }, args)

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
