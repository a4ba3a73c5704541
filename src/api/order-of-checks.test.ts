import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openServer, type TestServer } from './testing/open-server.ts'
import { head, rawHttp } from './testing/raw-http.ts'

let server: TestServer
const tokens = { admin: '', viewer: '' }

beforeAll(async () => {
  server = await openServer()
  tokens.admin = await server.tokenOf('admin')
  tokens.viewer = await server.tokenOf('viewer')
})
afterAll(() => server.close())

const NOT_AUTHENTICATED = 'Not authenticated'
const WRONG = 'Invalid username or password'

describe('a credential', () => {
  test.each(['Bearer', 'bearer', 'BEARER'])('may be called %s', async (scheme) => {
    const headers = { Authorization: `${scheme} ${tokens.viewer}` }
    expect((await server.ask('GET', '/api/auth/me', { headers })).status).toBe(200)
  })

  test.each(['Basic YWRtaW46YWRtaW4xMjM=', 'Bearer', 'Bearer  ', 'Token abc'])(
    'of another scheme (%s) is none',
    async (authorization) => {
      const headers = { Authorization: authorization }
      const { status, body } = await server.ask('GET', '/api/auth/me', { headers })
      expect([status, body]).toEqual([401, { detail: NOT_AUTHENTICATED }])
    },
  )
})

describe('the size of a body', () => {
  const limit = 1024 * 1024
  const filled = (bytes: number) => `{"filler":"${'x'.repeat(bytes - 13)}"}`
  const refusal = [413, { detail: 'Request body too large' }]

  test('1 MB is taken, and a byte more refused before anybody is asked who they are', async () => {
    const { status } = await server.ask('PUT', '/api/config', {
      token: tokens.admin,
      body: filled(limit),
    })
    expect(status).toBe(200)
    const answer = await server.ask('PUT', '/api/config', { body: filled(limit + 1) })
    expect([answer.status, answer.body]).toEqual(refusal)
  })

  test('a declared one is refused before it is sent', async () => {
    const { status, body } = await rawHttp(
      server.port,
      head('POST /api/auth/login', { 'Content-Length': String(limit + 1) }),
    )
    expect([status, JSON.parse(body)]).toEqual(refusal)
  })

  test('a chunked one is cut while it is read', async () => {
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`
    const { status, body } = await rawHttp(
      server.port,
      head('POST /api/auth/login', { 'Transfer-Encoding': 'chunked' }),
      // never ended: only cutting it can give an answer
      ...Array.from({ length: 17 }, () => chunk),
    )
    expect([status, JSON.parse(body)]).toEqual(refusal)
  })

  test('a chunked one that fits is read whole', async () => {
    const { status, body } = await rawHttp(
      server.port,
      head('POST /api/auth/login', { 'Transfer-Encoding': 'chunked' }),
      '5\r\n{"use\r\n',
      '2a\r\nrname":"admin","password":"wrong","x":[1]}\r\n0\r\n\r\n',
    )
    expect([status, JSON.parse(body)]).toEqual([401, { detail: WRONG }])
  })
})

describe('the Host', () => {
  const ask = (host: string | undefined, path = '/api/auth/me', extra = {}) =>
    rawHttp(
      server.port,
      head(`GET ${path}`, { ...(host === undefined ? {} : { Host: host }), ...extra }),
    )

  test.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', ''])(
    '%s is unknown',
    async (host) => {
      const { status, body } = await ask(host)
      expect([status, JSON.parse(body)]).toEqual([
        421,
        { detail: 'Unknown host. Add it to ALLOWED_HOSTS.' },
      ])
    },
  )

  test('none at all is unknown too', async () => {
    const { status } = await rawHttp(
      server.port,
      'GET /api/auth/me HTTP/1.1\r\nConnection: close\r\n\r\n',
    )
    expect(status).toBe(421)
  })

  test.each([
    'localhost',
    'LOCALHOST:8000',
    '127.0.0.1:8000',
    '10.1.2.3',
    '[::1]:8000',
    'atlas.example.org',
    'Atlas.Example.org.:80',
    'atlas.local',
  ])('%s is known', async (host) => {
    expect((await ask(host)).status).toBe(401)
  })

  test('it is not asked where a credential is sent, nor at /health', async () => {
    const headers = { Authorization: `Bearer ${tokens.viewer}` }
    expect((await ask('evil.example', '/api/auth/me', headers)).status).toBe(200)
    expect((await ask('evil.example', '/health')).status).toBe(200)
  })

  test('path and method are asked before it, and it before the size', async () => {
    expect((await ask('evil.example', '/api/nothing')).status).toBe(404)
    expect((await ask('evil.example', '/api/auth/login')).status).toBe(405)
    const large = { 'Content-Length': '9999999' }
    expect((await ask('evil.example', '/api/auth/me', large)).status).toBe(421)
  })

  test('the log names the setting', () => {
    expect(server.lines.filter((line) => line.includes('ALLOWED_HOSTS'))).not.toEqual([])
  })
})

describe('what HTTP itself cannot read', () => {
  test.each([
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['a header without end', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}`, 431],
    ['a backslash', head('GET /api\\auth'), 400],
    ['a Host that is none', head('GET /', { Host: 'a b' }), 400],
    ['an absolute target that is no URL', head('GET http://'), 400],
  ])('%s', async (_, bytes, status) => {
    const answer = await rawHttp(server.port, bytes)
    expect(answer.status).toBe(status)
    expect(typeof JSON.parse(answer.body).detail).toBe('string')
    expect(answer.headers['x-content-type-options']).toBe('nosniff')
  })
})

test.each(['//api//auth/me', '/api///auth/me', '/api/./auth/me', '/api/x/../auth/me'])(
  'the path %s is /api/auth/me',
  async (path) => {
    const { status, body } = await rawHttp(server.port, head(`GET ${path}`))
    expect([status, JSON.parse(body)]).toEqual([401, { detail: NOT_AUTHENTICATED }])
  },
)

test.each([
  ['GET', '/'],
  ['GET', '/api/nothing'],
  ['GET', '/api/auth/me'],
  ['POST', '/api/auth/me'],
  ['GET', '/docs'],
  ['GET', '/openapi.json'],
])('%s %s carries the headers of every answer', async (method, path) => {
  const { headers } = await server.ask(method, path)
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('x-frame-options')).toBe('DENY')
  expect(headers.get('referrer-policy')).toBe('no-referrer')
  expect(headers.get('content-security-policy')).toMatch(
    /default-src 'none'.*frame-ancestors 'none'/,
  )
  expect(headers.get('content-security-policy')).not.toMatch(/script-src[^;]*unsafe/)
  expect(headers.get('cache-control')).toBe(path === '/docs' ? 'public, max-age=3600' : 'no-store')
  expect(headers.get('x-request-id')).toMatch(/^[0-9a-f]{12}$/)
})

test('HEAD is GET without the body', async () => {
  const { status, body, headers } = await server.ask('HEAD', '/health')
  expect([status, body, headers.get('content-type')]).toEqual([200, '', 'application/json'])
})
