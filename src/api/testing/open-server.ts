import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Role } from '../../accounts/accounts.ts'
import { openAccounts } from '../../accounts/open-accounts.ts'
import { CHEAP } from '../../accounts/testing.ts'
import { createHub } from '../../live/hub.ts'
import { instant } from '../../points/instant.ts'
import type { NewRecord } from '../../points/record.ts'
import type { Sample } from '../../points/sample.ts'
import { parseSettings } from '../../settings.ts'
import { openTestStore } from '../../testing/test-store.ts'
import { createHostRegistry } from '../host-registry.ts'
import { createLog } from '../log.ts'
import { startServer, type ServerDeps } from '../server.ts'

export const OWN_HOST = 'atlas'
export const ADMIN_PASSWORD = 'admin123'
export const PASSWORD = 'a long password'
export const START = instant(Date.UTC(2025, 0, 18, 10))

/** What an answer is, as a value to compare whole. */
export type Answered = {
  readonly status: number
  readonly body: unknown
  readonly headers: Headers
}

type Change = Partial<ServerDeps>
/** What the server is made of, for what is put beside it. */
type Parts = Pick<ServerDeps, 'accounts' | 'store' | 'logs' | 'clock'>

/** The real server on a free port, over real accounts and an empty store (src/testing/test-store.ts), at a time that stands still. */
export const openServer = async (
  environment: Readonly<Record<string, string>> = {},
  change: Change | ((parts: Parts) => Change) = {},
) => {
  const folder = mkdtempSync(join(tmpdir(), 'perfwatch-api-'))
  let passed = 0
  const clock = { now: () => instant(START + passed), monotonic: () => performance.now() + passed }
  const lines: string[] = []
  const log = createLog('trace', { write: (line) => void lines.push(line) })
  const opened = await openAccounts({
    folder,
    clock,
    adminUsername: 'admin',
    adminPassword: ADMIN_PASSWORD,
    jwtExpireHours: 24,
    hashing: CHEAP,
    every: () => () => {},
  })
  const { accounts } = opened
  const store = await openTestStore({ clock })
  const hub = createHub<Sample>((error) => {
    throw error
  })
  const logs = createHub<readonly NewRecord[]>((error) => {
    throw error
  })
  const cleanUp = async () => {
    await store.close()
    await accounts.close()
    rmSync(folder, { recursive: true, force: true })
  }
  const server = await startServer({
    settings: parseSettings({ PORT: '0', ...environment }),
    machineName: 'Atlas.example.org',
    accounts,
    store,
    hub,
    logs,
    hosts: createHostRegistry({
      store,
      facts: accounts.facts,
      config: accounts.config,
      clock,
      self: OWN_HOST,
    }),
    sampler: {
      latest: hub.latest,
      figures: () => ({
        ticks: 3,
        skippedLate: 1,
        skippedOverlap: 0,
        skippedOld: 0,
        undelivered: 0,
        collectors: { cpu: { runs: 3, failures: 1, lastMs: 2, totalMs: 4 } },
      }),
    },
    clock,
    version: '0.1.0',
    examine: async () => ({ healthy: true, findings: [] }),
    pageFolder: undefined,
    surfaces: [],
    push: () => ({ linesTaken: 0, linesDropped: 0, stringsDropped: 0, linesRestamped: 0 }),
    cors: [],
    log,
    ...(typeof change === 'function' ? change({ accounts, store, logs, clock }) : change),
  }).catch(async (error: unknown) => {
    await cleanUp()
    throw error
  })
  const url = `http://localhost:${server.port}`

  const ask = async (
    method: string,
    path: string,
    options: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Answered> => {
    const { token, body } = options
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        ...options.headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const json = response.headers.get('content-type')?.startsWith('application/json') === true
    return {
      status: response.status,
      body: json && text !== '' ? JSON.parse(text) : text,
      headers: response.headers,
    }
  }

  const logIn = async (username: string, password: string): Promise<string> => {
    const login = await accounts.sessions.login({ username, password, address: '192.0.2.9' })
    return login.accessToken
  }

  return {
    ...opened,
    server,
    port: server.port,
    url,
    store,
    hub,
    logs,
    clock,
    lines,
    ask,
    logIn,
    advance(ms: number) {
      passed += ms
    },
    /** A token of a new user of the role; the admin's where it is `admin`. */
    async tokenOf(role: Role, name: string = role): Promise<string> {
      if (role === 'admin') return logIn('admin', ADMIN_PASSWORD)
      await accounts.users.create({ username: name, password: PASSWORD, role })
      return logIn(name, PASSWORD)
    },
    async close() {
      await server.close()
      await cleanUp()
    },
  }
}

export type TestServer = Awaited<ReturnType<typeof openServer>>
