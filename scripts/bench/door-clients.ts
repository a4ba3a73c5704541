import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { residentMb } from './process-figures.ts'

const ENTRY = fileURLToPath(new URL('../../dist/perfwatch.js', import.meta.url))
const PASSWORD = 'a password for the bench'
const API_KEY = 'a key for the bench'

export const EVENT_CONNECTIONS = 64
export const BATCH_LINES = 5_000
export const LOGS_A_BATCH = 20

/** More than one: a project takes 5,000 events a second. */
const PROJECTS = 8
export const LEVELS = ['info', 'debug', 'info', 'warning', 'info', 'error'] as const

/** The text of a log line; one in 100,000 has a needle. */
export const messageOf = (index: number): string =>
  `request ${index} of worker ${index % 17} to /api/items/${index % 1_000} took ${index % 300} ms${index % 100_000 === 77 ? ' needle' : ''}`

const asker = (url: string, connections: number) => {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const ask = (
    method: string,
    path: string,
    body: string,
    headers: Record<string, string> = {},
  ): Promise<string> =>
    new Promise((resolve, reject) => {
      const asked = request(url + path, { agent, method, headers }, (answer) => {
        let text = ''
        answer.setEncoding('utf8')
        answer.on('data', (chunk: string) => (text += chunk))
        answer.once('end', () => {
          const { statusCode = 0 } = answer
          if (statusCode < 300) resolve(text)
          else reject(new Error(`${method} ${path} got ${statusCode}: ${text}`))
        })
      })
      asked.once('error', reject)
      asked.end(body)
    })
  return { ask, end: () => agent.destroy() }
}

/** The built server on a store of its own. */
const startServer = async (environment: Readonly<Record<string, string>>) => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-doors-'))
  const child = spawn(process.execPath, [ENTRY, 'serve'], {
    env: {
      PATH: process.env.PATH ?? '',
      DATA_DIR: folder,
      PORT: '0',
      ADMIN_PASSWORD: PASSWORD,
      LOGGER_API_KEY: API_KEY,
      LOG_LEVEL: 'warn',
      ...environment,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const url = await new Promise<string>((resolve, reject) => {
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8')
      const ready = /is ready: (http:\S+)/.exec(said)?.[1]
      if (ready !== undefined) resolve(ready)
    })
    child.once('exit', () => reject(new Error(`The server ended: ${said}`)))
  })
  return {
    url,
    rss: () => residentMb(child.pid ?? 0),
    end: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await gone
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/**
 * The built server in a process of its own and what clients of its doors send it, each with all the accounts it needs.
 * A request that is not answered well rejects.
 */
export const openDoorClients = async (environment: Readonly<Record<string, string>>) => {
  const server = await startServer(environment)
  const { ask, end } = asker(server.url, EVENT_CONNECTIONS)
  const json = { 'content-type': 'application/json' }
  const login = await ask(
    'POST',
    '/api/auth/login',
    JSON.stringify({ username: 'admin', password: PASSWORD }),
    json,
  )
  const { access_token } = JSON.parse(login) as { access_token: string }
  const admin = { ...json, authorization: `Bearer ${access_token}` }
  for (let project = 0; project < PROJECTS; project += 1)
    await ask('POST', '/api/projects', JSON.stringify({ title: `bench${project}` }), admin)
  const made = await ask(
    'POST',
    '/api/tokens',
    JSON.stringify({ name: 'bench', points_per_second: 10_000_000, max_series: 10_000 }),
    admin,
  )
  const { token } = JSON.parse(made) as { token: string }
  const bot = JSON.stringify({ user: 'bot', password: 'secret', tel_id: '' })
  await ask('POST', '/create_user', bot, { ...json, 'x-api-key': API_KEY })
  const userToken = createHash('md5').update('botsecret').digest('hex')
  const begin = Date.now()
  return {
    /** A single event of Speedlog. */
    event: (index: number): Promise<string> =>
      ask(
        'PUT',
        `/bench${index % PROJECTS}/event/`,
        JSON.stringify({ metricName: `m${index % 20}`, durationMs: index % 977 }),
        json,
      ),
    /** A batch of pushed lines. */
    points: (index: number): Promise<string> => {
      const lines = Array.from(
        { length: BATCH_LINES },
        (_, line) =>
          `load,room=r${line % 100} a=${line / 7},b=${index},c=3,d=4.5,e=${line},f=0 ${begin + index * 60 + Math.floor(line / 100)}`,
      )
      return ask('POST', '/api/v2/write?precision=ms', lines.join('\n'), {
        authorization: `Token ${token}`,
      })
    },
    /** A batch of log lines of LoggerBot. */
    logs: (index: number): Promise<string> => {
      const at = new Date().toISOString()
      const logs = Array.from({ length: LOGS_A_BATCH }, (_, line) => ({
        level: LEVELS[line % LEVELS.length],
        msg: messageOf(index * LOGS_A_BATCH + line),
        event_at: at,
        p_description: 'the bench',
      }))
      const data = { user: 'bot', pid: index, p_name: 'bench', post_time: at, logs }
      return ask('POST', '/send_logs', JSON.stringify({ data }), {
        ...json,
        'x-user-token': userToken,
      })
    },
    /** What the server has in memory, MB. */
    rss: server.rss,
    end: async () => {
      end()
      await server.end()
    },
  }
}
