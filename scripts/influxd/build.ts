import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { INFLUXD_VERSION } from './find.ts'

const HERE = dirname(fileURLToPath(import.meta.url))
const PKG_CONFIG = 'github.com/influxdata/pkg-config@v0.3.0'
const SERVER = 'github.com/influxdata/influxdb/v2/cmd/influxd'
const CLIENT = 'github.com/influxdata/influx-cli/v2/cmd/influx'

type Say = (line: string) => void

/**
 * Builds influxd and the influx CLI from the Go modules pinned in `server/` and `client/` (go.sum is checked)
 * and puts them into the folder. Needs Go, cargo and a C compiler; about 6 minutes on 2 cores, 3 GB of caches.
 */
export const buildInflux = async (folder: string, say: Say): Promise<void> => {
  const missing = ['go', 'cargo', 'rustup', 'cc'].filter((tool) => !isThere(tool))
  if (missing.length > 0) throw new Error(`building needs ${missing.join(', ')}: install them`)
  const scratch = mkdtempSync(join(tmpdir(), 'perfwatch-influxd-'))
  try {
    for (const part of ['server', 'client'])
      cpSync(join(HERE, part), join(scratch, part), { recursive: true })
    const bin = join(scratch, 'bin')
    mkdirSync(bin)
    const go = { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '-mod=mod' }
    await run('pkg-config for libflux', ['go', 'install', PKG_CONFIG], {
      cwd: join(scratch, 'server'),
      env: { ...go, GOBIN: bin },
      say,
    })
    // a newer rustc warns where libflux denies warnings
    const wrapper = join(bin, 'rustc-caplints')
    writeFileSync(wrapper, '#!/bin/sh\nexec "$@" --cap-lints warn\n')
    chmodSync(wrapper, 0o755)
    const serverFlags = `-s -w -X main.version=v${INFLUXD_VERSION}`
    await run(
      'influxd',
      ['go', 'build', '-tags', 'sqlite_foreign_keys,sqlite_json', '-ldflags', serverFlags].concat([
        '-o',
        join(bin, 'influxd'),
        SERVER,
      ]),
      {
        cwd: join(scratch, 'server'),
        env: {
          ...go,
          CGO_ENABLED: '1',
          PKG_CONFIG: join(bin, 'pkg-config'),
          RUSTC_WRAPPER: wrapper,
          // the flux module asks for a toolchain that need not be installed
          RUSTUP_TOOLCHAIN: activeToolchain(),
        },
        say,
      },
    )
    await run(
      'the influx CLI',
      ['go', 'build', '-ldflags', '-s -w', '-o', join(bin, 'influx'), CLIENT],
      {
        cwd: join(scratch, 'client'),
        env: { ...go, CGO_ENABLED: '0' },
        say,
      },
    )
    mkdirSync(folder, { recursive: true })
    for (const name of ['influxd', 'influx']) {
      cpSync(join(bin, name), join(folder, `${name}.draft`))
      renameSync(join(folder, `${name}.draft`), join(folder, name))
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

const isThere = (tool: string): boolean =>
  spawnSync('sh', ['-c', 'command -v "$0"', tool], { stdio: 'ignore' }).status === 0

const activeToolchain = (): string => {
  const { stdout } = spawnSync('rustup', ['show', 'active-toolchain'], { encoding: 'utf8' })
  return stdout.split(/\s/)[0] ?? ''
}

const run = (
  what: string,
  [command = '', ...args]: readonly string[],
  { cwd, env, say }: { cwd: string; env: NodeJS.ProcessEnv; say: Say },
): Promise<void> =>
  new Promise((resolve, reject) => {
    const begun = Date.now()
    const seconds = () => Math.round((Date.now() - begun) / 1000)
    say(`building ${what} ...`)
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] })
    let tail = ''
    child.stderr.on('data', (chunk: Buffer) => {
      tail = (tail + chunk.toString('utf8')).slice(-4_000)
    })
    const beat = setInterval(() => say(`building ${what}: ${seconds()} s`), 15_000)
    child.on('error', reject)
    child.on('close', (code) => {
      clearInterval(beat)
      if (code === 0) {
        say(`built ${what} in ${seconds()} s`)
        resolve()
      } else reject(new Error(`building ${what} failed:\n${tail}`))
    })
  })
