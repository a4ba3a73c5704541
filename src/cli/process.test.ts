import { spawn } from 'node:child_process'
import { rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { HOUR } from '../points/instant.ts'
import { startServerProcess, temporaryFolder } from '../testing/server-process.ts'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const folder = temporaryFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Ended = { readonly code: number | null; readonly out: string; readonly err: string }

/** The real command in a process of its own, with the folder of this file and no setting of who runs the tests. */
const perfwatch = (
  argv: readonly string[],
  { stdin = '', firstLineOnly = false }: { stdin?: string; firstLineOnly?: boolean } = {},
): Promise<Ended> => {
  const child = spawn(process.execPath, ['--import', 'tsx', join(ROOT, 'src/bin.ts'), ...argv], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, DATA_DIR: folder, PORT: '0' },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString('utf8')
    if (firstLineOnly) child.stdout.destroy()
  })
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')))
  child.stdin.end(stdin)
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })))
}

const json = ({ out }: Ended) => JSON.parse(out)

describe('the real command', () => {
  it('seeds a day, asks and compares straight from the folder', { timeout: 60_000 }, async () => {
    const seeded = await perfwatch(['seed', '--days', '1'])
    expect(seeded).toMatchObject({ code: 0 })
    expect(seeded.out).toMatch(/^Wrote 328\.\d k points of 1 day under the host demo\./)
    expect(seeded.err.split('\n')).toContain('Seeding 1 day: 50 %')

    const asked = await perfwatch(['query', 'cpu', '--host', 'demo', '--since', '12h', '--json'])
    expect(asked).toMatchObject({ code: 0, err: '' })
    const answer = json(asked)
    expect(answer.interval).toBe('5m')
    expect(answer.count).toBeGreaterThanOrEqual(144)

    const compared = await perfwatch(
      'compare cpu --host demo --current 6h..3h --with 12h..9h --fail-if usage_percent>0'.split(
        ' ',
      ),
    )
    expect(compared).toMatchObject({ code: 1, err: '' })
    expect(compared.out).toMatch(/✗ usage_percent>0: is \d+\.\d %/)
  })

  it('works beside a running server', { timeout: 90_000 }, async () => {
    const server = await startServerProcess(folder)
    try {
      const added = await perfwatch(['user', 'add', 'alice'], { stdin: 'correct horse\n' })
      expect(added).toEqual({ code: 0, out: 'Added alice as viewer.\n', err: '' })
      const login = await fetch(`${server.url}/api/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username: 'alice', password: 'correct horse' }),
      })
      expect(login.status).toBe(200)

      // closed periods: what the folder and the API say must be the same to the last digit
      const [from, to] = [9, 3].map((hours) => new Date(Date.now() - hours * HOUR).toISOString())
      const question = `cpu --host demo --since ${from} --until ${to} --interval 5m --json`.split(
        ' ',
      )
      const token = join(folder, 'token')
      writeFileSync(token, await server.token(), { mode: 0o600 })
      const fromFolder = json(await perfwatch(['query', ...question]))
      const fromServer = json(
        await perfwatch(['query', ...question, '--url', server.url, '--token-file', token]),
      )
      expect(fromServer.count).toBeGreaterThanOrEqual(72)
      expect(fromServer).toEqual(fromFolder)

      const refused = await perfwatch(['seed', '--remove'])
      expect(refused).toMatchObject({ code: 1, out: '' })
      expect(refused.err).toMatch(
        /^error: DATA_DIR: \S+ is in use by another PerfWatch server \(pid \d+\); [^\n]+\n$/,
      )

      const doctor = await perfwatch(['doctor', '--json'])
      expect(doctor).toMatchObject({ code: 0, err: '' })
      expect(json(doctor).findings).toContainEqual({
        check: 'Server',
        state: 'ok',
        says: 'runs on this data folder',
      })

      const copy = join(folder, 'copy.db')
      expect(await perfwatch(['backup', copy])).toEqual({
        code: 0,
        out: `Wrote ${copy}.\n`,
        err: '',
      })
      expect(statSync(copy).size).toBeGreaterThan(100_000)
      expect(await perfwatch(['backup', copy])).toMatchObject({ code: 1, out: '' })
    } finally {
      expect(await server.end('SIGTERM')).toBe(0)
    }
  })

  it('ends quietly when its reader has seen enough', { timeout: 30_000 }, async () => {
    const { code, err } = await perfwatch(
      [
        'query',
        'cpu',
        '--host',
        'demo',
        '--since',
        '20h',
        '--interval',
        '1m',
        '--limit',
        '5000',
        '--csv',
      ],
      { firstLineOnly: true },
    )
    expect({ code, err }).toEqual({ code: 0, err: '' })
  })
})
