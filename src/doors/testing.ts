import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openAccounts } from '../accounts/open-accounts.ts'
import { CHEAP } from '../accounts/testing.ts'
import { createLog } from '../api/log.ts'
import { allowedHosts } from '../http/allowed-hosts.ts'
import { origins } from '../http/client-address.ts'
import { identifier } from '../http/identity.ts'
import { openHttp } from '../http/serve.ts'
import { instant } from '../points/instant.ts'
import { parseSettings } from '../settings.ts'
import { openTestStore } from '../testing/test-store.ts'
import type { Door } from './door.ts'

export const START = instant(Date.UTC(2025, 0, 18, 10))
export const ADMIN = { username: 'admin', password: 'admin123' } as const

export type DoorAnswer = {
  readonly status: number
  /** JSON where it is, else the text. */
  readonly body: unknown
  readonly headers: Headers
}

/**
 * A door on a port of its own, over real accounts and the store that the test project names (memory, embedded,
 * InfluxDB), at a time that stands still.
 */
export const openDoor = async (door: Door, environment: Readonly<Record<string, string>> = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'perfwatch-door-'))
  let passed = 0
  const clock = { now: () => instant(START + passed), monotonic: () => performance.now() + passed }
  const lines: string[] = []
  const log = createLog('trace', { write: (line) => void lines.push(line) })
  const { accounts } = await openAccounts({
    folder,
    clock,
    adminUsername: ADMIN.username,
    adminPassword: ADMIN.password,
    jwtExpireHours: 24,
    hashing: CHEAP,
    every: () => () => {},
  })
  const store = await openTestStore({ clock })
  const settings = parseSettings(environment)
  const from = origins(settings.TRUSTED_PROXIES)
  const surface = door.open({
    accounts,
    records: store.records,
    clock,
    identify: identifier(accounts.sessions, from),
    origins: from,
    settings,
    log,
  })
  const http = openHttp({
    surfaces: [surface],
    basePath: '',
    allowed: allowedHosts(settings.ALLOWED_HOSTS, 'atlas'),
    origins: from,
    cors: door.cors === undefined ? [] : [door.cors(settings)],
    monotonic: clock.monotonic,
    log,
  })
  const port = await http.listen({ host: '127.0.0.1', port: 0, setting: door.portSetting })
  const url = `http://127.0.0.1:${port}`

  const ask = async (
    method: string,
    path: string,
    options: { body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<DoorAnswer> => {
    const { body, headers = {} } = options
    const response = await fetch(url + path, {
      method,
      headers,
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

  return {
    accounts,
    store,
    clock,
    url,
    port,
    lines,
    ask,
    advance: (ms: number) => {
      passed += ms
    },
    close: async () => {
      await http.close()
      await store.close()
      await accounts.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export type OpenDoor = Awaited<ReturnType<typeof openDoor>>
