import { spawn, type ChildProcess } from 'node:child_process'
import { createServer } from 'node:net'
import { join, resolve as absolute } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findInflux } from './find.ts'
import { getInflux } from './get.ts'
import { startLocalServer } from './local-server.ts'

const SERVER = fileURLToPath(new URL('../../dist/perfwatch.js', import.meta.url))
const DEFAULT_PORT = 8086

const say = (line: string) => console.error(`influx: ${line}`)

/**
 * `npm run influx`: an InfluxDB on loopback with its files under DATA_DIR, and PerfWatch on it, until Ctrl-C; what is
 * not on the machine is fetched or built first. PerfWatch sets InfluxDB up and keeps the tokens in DATA_DIR.
 */
const main = async (): Promise<number> => {
  if (process.env.INFLUX_URL !== undefined) {
    say('INFLUX_URL is set: there is an InfluxDB already. Start PerfWatch on it with `npm start`.')
    return 1
  }
  // PORT and HOST are PerfWatch's own
  const port = Number(process.env.INFLUX_PORT ?? DEFAULT_PORT)
  if (await isTaken(port)) {
    say(
      `port ${port} is in use. Is it an InfluxDB that you want to use? Then INFLUX_URL=http://127.0.0.1:${port} npm start; else name a free one: INFLUX_PORT=${port + 1} npm run influx.`,
    )
    return 1
  }
  if (findInflux(process.env) === null && (await getInflux()) !== 0) return 1
  const binaries = findInflux(process.env)
  if (binaries === null) return 1
  const folder = absolute(process.env.DATA_DIR ?? './data')
  const influxd = await startLocalServer({
    influxd: binaries.influxd,
    folder: join(folder, 'influxdb'),
    port,
    path: process.env.PATH ?? '',
  })
  say(`influxd answers at ${influxd.url}, its files are in ${join(folder, 'influxdb')}`)
  try {
    return await untilEnded(
      spawn(process.execPath, [SERVER, 'serve'], {
        env: { ...process.env, INFLUX_URL: influxd.url },
        stdio: 'inherit',
      }),
      influxd.ended,
    )
  } finally {
    await influxd.stop()
  }
}

/** The exit code of PerfWatch. Signals are for it; an influxd that ends first is said, and PerfWatch spools on. */
const untilEnded = (server: ChildProcess, influxdEnded: Promise<unknown>): Promise<number> =>
  new Promise((resolve, reject) => {
    // a terminal sends Ctrl-C to both of us: only what others send has to be handed on
    process.on('SIGINT', () => {})
    process.on('SIGTERM', () => server.kill('SIGTERM'))
    void influxdEnded.then(() =>
      say('influxd has ended; PerfWatch keeps what it samples. Ctrl-C, and start both again.'),
    )
    server.once('error', reject)
    server.once('exit', (code) => resolve(code ?? 1))
  })

const isTaken = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(true))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(false)))
  })

process.exitCode = await main()
