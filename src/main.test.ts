import { createServer, type AddressInfo } from 'node:net'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import {
  ADMIN,
  refusedStart,
  startServerProcess,
  temporaryFolder,
  type ServerProcess,
} from './testing/server-process.ts'

type Frame = {
  readonly timestamp: string
  readonly data: { readonly cpu: Record<string, unknown> }
}
type History = {
  readonly count: number
  readonly data_points: readonly { timestamp: string; data: Record<string, unknown> }[]
}

const socketOf = async (server: ServerProcess): Promise<WebSocket> => {
  const url = server.url.replace('http', 'ws')
  return new WebSocket(`${url}/api/ws/metrics?token=${await server.token()}`)
}

/** The start of the window of 5 s in which a sample lies. */
const windowOf = (timestamp: string): string =>
  new Date(Math.floor(Date.parse(timestamp) / 5_000) * 5_000).toISOString().replace('.000Z', 'Z')

/** The next frames of a socket, in order. */
const frames = (socket: WebSocket, count: number): Promise<readonly Frame[]> =>
  new Promise((resolve, reject) => {
    const heard: Frame[] = []
    socket.on('message', (text: Buffer) => {
      heard.push(JSON.parse(text.toString('utf8')) as Frame)
      if (heard.length === count) resolve(heard)
    })
    socket.once('error', reject)
  })

describe('the server as a process', () => {
  let server: ServerProcess

  beforeAll(async () => {
    server = await startServerProcess(temporaryFolder(), { SAMPLING_INTERVAL_SECONDS: '1' })
  })
  afterAll(() => server.end('SIGKILL'))

  it('says where it listens, who can reach it and how to log in', () => {
    const port = new URL(server.url).port
    expect(server.output()).toContain(`is ready: http://127.0.0.1:${port}`)
    expect(server.output()).toContain('this machine only')
    expect(server.output()).toContain(`ssh -L ${port}:127.0.0.1:${port}`)
    expect(server.output()).toContain('admin, with the password of ADMIN_PASSWORD')
    expect(server.output()).not.toContain(ADMIN.password)
  })

  it('says what doctor says, in a process of its own', async () => {
    const report = (await server.get('/api/doctor')) as {
      findings: readonly { check: string; state: string; says: string }[]
    }
    const [node] = report.findings
    expect(node).toEqual({ check: 'Node', state: 'ok', says: process.version })
    expect(report.findings.map(({ check }) => check)).toContain('Data folder')
  })

  it('shows the same figures live and in history', async () => {
    const socket = await socketOf(server)
    const seen = await frames(socket, 4)
    socket.close()
    const last = seen.at(-1)
    const first = seen[0]
    if (first === undefined || last === undefined) throw new Error('no frames')
    const query = new URLSearchParams({
      metric_type: 'cpu',
      start_time: first.timestamp,
      end_time: last.timestamp,
      interval: '5s',
      stats: 'true',
    })
    const history = (await server.get(`/api/history/metrics?${query.toString()}`)) as History
    // one second a sample: each lies in a window of five, between its extremes
    for (const frame of seen) {
      const window = history.data_points.find(
        ({ timestamp }) => timestamp === windowOf(frame.timestamp),
      )
      const usage = frame.data.cpu.usage_percent
      if (usage === null) continue
      const { min, max } = window as unknown as Record<'min' | 'max', Record<string, number>>
      expect(min.usage_percent).toBeLessThanOrEqual(usage as number)
      expect(max.usage_percent).toBeGreaterThanOrEqual(usage as number)
    }
  })

  it('refuses a second server on the same folder with one sentence', async () => {
    const { code, stderr } = await refusedStart(server.folder)
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `error: DATA_DIR: ${server.folder} is in use by another PerfWatch server (pid ${server.child.pid}); stop it or choose another folder.\n`,
    })
  })

  it('ends on SIGTERM with 0, its sockets closed with 1001 and its last tick stored', async () => {
    const socket = await socketOf(server)
    let last = ''
    socket.on('message', (text: Buffer) => {
      last = (JSON.parse(text.toString('utf8')) as Frame).timestamp
    })
    await frames(socket, 2)
    const closed = new Promise<number>((resolve) => socket.once('close', (code) => resolve(code)))
    expect(await server.end('SIGTERM')).toBe(0)
    expect(await closed).toBe(1001)

    const again = await startServerProcess(server.folder)
    try {
      const query = new URLSearchParams({
        metric_type: 'memory',
        start_time: last,
        end_time: new Date(Date.parse(last) + 1_000).toISOString(),
        interval: '5s',
      })
      const history = (await again.get(`/api/history/metrics?${query.toString()}`)) as History
      expect(history.data_points[0]?.timestamp).toBe(windowOf(last))
    } finally {
      await again.end('SIGKILL')
    }
  })
})

describe('a start that cannot be', () => {
  const fileInTheWay = () => {
    const file = join(temporaryFolder(), 'a-file')
    writeFileSync(file, '')
    return join(file, 'data')
  }
  const bytesOf = (folder: string): Record<string, string> =>
    Object.fromEntries(
      readdirSync(folder)
        .filter((name) => name.endsWith('.db'))
        .map((name) => [name, readFileSync(join(folder, name)).toString('base64')]),
    )
  const damaged = (name: string) => () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, name), 'this is no database, but it is somebody’s '.repeat(200))
    return folder
  }

  it.each([
    ['an unwritable folder', fileInTheWay, {}, /^error: DATA_DIR: .+$/],
    ['a bad port', temporaryFolder, { PORT: 'eighty' }, /^error: PORT: .+$/],
    [
      'a short secret',
      temporaryFolder,
      { JWT_SECRET: 'short' },
      /^error: JWT_SECRET: .+32 bytes.+$/,
    ],
    [
      'a bad interval',
      temporaryFolder,
      { SAMPLING_INTERVAL_SECONDS: '0' },
      /^error: SAMPLING_INTERVAL_SECONDS: .+$/,
    ],
    ['damaged accounts', damaged('accounts.db'), {}, /^error: DATA_DIR: .+accounts\.db.+$/],
    ['a damaged series file', damaged('series.db'), {}, /^error: DATA_DIR: .+series\.db.+$/],
  ] as const)(
    'says what is wrong with %s in one sentence, and overwrites nothing',
    async (_name, make, environment, sentence) => {
      const folder = make()
      const before = folder.endsWith('data') ? {} : bytesOf(folder)
      const { code, stdout, stderr } = await refusedStart(folder, environment)
      expect(stderr.trimEnd()).toMatch(sentence)
      expect(stderr.trimEnd().split('\n')).toHaveLength(1)
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      if (!folder.endsWith('data')) expect(bytesOf(folder)).toMatchObject(before)
    },
  )

  it('names PORT when it is in use', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    const { code, stderr } = await refusedStart(temporaryFolder(), { PORT: String(port) })
    other.close()
    expect(code).toBe(1)
    expect(stderr).toMatch(new RegExp(`^error: PORT: .*${port}.*\\n$`))
  })

  it('makes a folder that is missing', async () => {
    const folder = join(temporaryFolder(), 'not', 'yet')
    mkdirSync(join(folder, '..', '..'), { recursive: true })
    const server = await startServerProcess(folder)
    expect(readdirSync(folder)).toContain('series.db')
    expect(await server.end('SIGTERM')).toBe(0)
  })
})
