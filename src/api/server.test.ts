import { connect } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { AppError } from '../app-error.ts'
import { openServer, PASSWORD } from './testing/open-server.ts'
import { head, rawHttp } from './testing/raw-http.ts'

const open = async (...options: Parameters<typeof openServer>) => {
  const server = await openServer(...options)
  onTestFinished(() => server.close())
  return server
}

describe('BASE_PATH', () => {
  test.each([
    ['/mon/health', 200],
    ['//mon//health', 200],
    // a proxy may have taken the prefix off
    ['/health', 200],
    ['/monhealth', 404],
    ['/mon/mon/health', 404],
  ])('%s is %d', async (path, status) => {
    const server = await open({ BASE_PATH: '/mon' })
    expect((await rawHttp(server.port, head(`GET ${path}`))).status).toBe(status)
  })

  test('is in what leads on', async () => {
    const server = await open({ BASE_PATH: '/mon/' })
    for (const path of ['/mon', '/mon/'])
      expect((await server.ask('GET', path)).body).toMatchObject({
        docs: '/mon/docs',
        health: '/mon/health',
      })
  })
})

describe('CORS', () => {
  const origin = { Origin: 'https://dash.example' }
  const preflight = { ...origin, 'Access-Control-Request-Method': 'PUT' }
  const corsOf = ({ headers }: { headers: Headers }) =>
    [...headers.keys()].filter((name) => name.startsWith('access-control'))

  test('is off unless it is configured', async () => {
    const server = await open()
    expect(corsOf(await server.ask('GET', '/api/config', { headers: origin }))).toEqual([])
    const answer = await server.ask('OPTIONS', '/api/config', { headers: preflight })
    expect([answer.status, corsOf(answer)]).toEqual([405, []])
  })

  test('lets the pages of CORS_ORIGINS in with a token, never with the cookie', async () => {
    const server = await open({ CORS_ORIGINS: 'https://dash.example' })
    const answer = await server.ask('OPTIONS', '/api/config', { headers: preflight })
    expect(answer.status).toBe(204)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': 'https://dash.example',
      'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers': 'Authorization, Content-Type',
      vary: 'Origin',
    })
    expect(answer.headers.get('access-control-allow-credentials')).toBe(null)
    const got = await server.ask('GET', '/api/config', { headers: origin })
    // a refusal too: else the page could not read it
    expect([got.status, got.headers.get('access-control-allow-origin')]).toEqual([
      401,
      'https://dash.example',
    ])
  })

  test('is not for other pages, nor beyond /api', async () => {
    const server = await open({ CORS_ORIGINS: 'https://dash.example' })
    const evil = { ...preflight, Origin: 'https://evil.example' }
    expect(corsOf(await server.ask('GET', '/api/config', { headers: evil }))).toEqual([])
    expect((await server.ask('OPTIONS', '/api/config', { headers: evil })).status).toBe(405)
    expect(corsOf(await server.ask('GET', '/health', { headers: origin }))).toEqual([])
  })
})

describe('a start that fails says which setting it is', () => {
  const failure = async (environment: Record<string, string>) => {
    try {
      await openServer(environment)
    } catch (error) {
      if (error instanceof AppError) return [error.code, error.message]
      throw error
    }
    throw new Error('It started.')
  }

  test('a port in use', async () => {
    const { port } = await open()
    expect(await failure({ PORT: String(port) })).toEqual([
      'setup',
      `PORT: ${port} is in use on 127.0.0.1; stop what listens there or set another.`,
    ])
  })

  test.each([
    ['HOST', '203.0.113.1', 'HOST: 203.0.113.1 is no address of this machine.'],
    [
      'TRUSTED_PROXIES',
      'proxy',
      'TRUSTED_PROXIES: proxy is neither an address nor a network such as 10.0.0.0/8.',
    ],
  ])('%s=%s', async (name, value, sentence) => {
    expect(await failure({ [name]: value })).toEqual(['setup', sentence])
  })
})

describe('a server that stops', () => {
  test('lets a request under way finish', async () => {
    let answerNow: () => void = () => undefined
    const server = await openServer()
    const token = await server.tokenOf('admin')
    const { hosts } = server.store
    const asked = new Promise<void>((resolve) => {
      server.store.hosts = async () => {
        resolve()
        await new Promise<void>((then) => {
          answerNow = then
        })
        return hosts()
      }
    })
    const answer = server.ask('GET', '/api/hosts', { token })
    await asked
    const stopped = server.server.close()
    // it takes nobody in any more
    await expect(server.ask('GET', '/health')).rejects.toThrow()
    answerNow()
    expect((await answer).status).toBe(200)
    await stopped
    await server.close()
  })

  test('does not wait for a connection that only idles', async () => {
    const server = await openServer()
    await server.ask('GET', '/health')
    const idle = connect(server.port, '127.0.0.1')
    await new Promise((resolve) => idle.once('connect', resolve))
    const closed = new Promise((resolve) => idle.once('close', resolve))
    await Promise.all([server.close(), closed])
  })
})

test('no secret is ever in the log', async () => {
  const server = await open()
  const secrets: string[] = [PASSWORD, 'admin123', 'wrong-password']
  const bodyOf = async (answer: Promise<{ body: unknown }>) =>
    (await answer).body as Record<string, string>
  const keep = (value: string | undefined): string => {
    if (value === undefined || value.length < 8) throw new Error('This is no secret.')
    secrets.push(value)
    return value
  }
  const login = await server.ask('POST', '/api/auth/login', {
    body: { username: 'admin', password: 'admin123' },
  })
  const cookie = keep(login.headers.get('set-cookie')?.split(/[=;]/)[1])
  const token = keep((login.body as { access_token: string }).access_token)
  const { ticket } = await bodyOf(server.ask('POST', '/api/auth/ws-ticket', { token }))
  const ingest = await bodyOf(server.ask('POST', '/api/tokens', { token, body: { name: 'n' } }))
  const Cookie = `perfwatch=${cookie}`
  await server.ask('POST', '/api/auth/login', {
    body: { username: 'admin', password: 'wrong-password' },
  })
  await server.ask('GET', `/api/auth/me?token=${token}`, { headers: { Cookie } })
  await server.ask('GET', '/metrics', { token: keep(ingest['token']) })
  await server.ask('PUT', '/api/auth/password', {
    token,
    body: { current_password: 'wrong-password', new_password: PASSWORD },
  })
  await server.ask('POST', '/api/users', {
    token,
    body: { username: 'u', password: PASSWORD, role: 'viewer' },
  })
  server.store.failWith(new Error('broken'))
  await server.ask('GET', '/api/hosts', { token, headers: { Cookie } })
  server.store.failWith(undefined)
  for (const query of [`ticket=${keep(ticket)}`, `token=${token}x`, `hash=${PASSWORD}`]) {
    const handshake = { Connection: 'Upgrade', Upgrade: 'websocket', Cookie: `${Cookie}x` }
    await rawHttp(server.port, head(`GET /api/ws/metrics?${query}`, handshake))
  }
  await server.ask('POST', '/api/auth/logout', { token })
  const log = server.lines.join('')
  expect(log.split('\n').length).toBeGreaterThan(12)
  for (const secret of secrets) expect(log).not.toContain(secret)
})

test('each request is a line: an id that the answer carries, the path without its query, and how it went', async () => {
  const server = await open()
  const { headers } = await server.ask('GET', '/api/config?x=1')
  await expect.poll(() => server.lines.length).toBe(1)
  expect(JSON.parse(server.lines[0] ?? '')).toEqual({
    level: 'info',
    time: expect.any(String),
    id: headers.get('x-request-id'),
    method: 'GET',
    path: '/api/config',
    status: 401,
    ms: expect.any(Number),
    address: '127.0.0.1',
    msg: 'Request',
  })
})
