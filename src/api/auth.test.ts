import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ADMIN_PASSWORD, openServer, PASSWORD, type TestServer } from './testing/open-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await openServer({ TRUSTED_PROXIES: '127.0.0.1,::1', ALLOWED_HOSTS: 'mon.example.org' })
})
afterAll(() => server.close())

const NOT_VALID = [401, { detail: 'Could not validate credentials' }]
const login = (username: string, password: string, headers: Record<string, string> = {}) =>
  server.ask('POST', '/api/auth/login', { body: { username, password }, headers })
const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as object
const cookieOf = (answer: { headers: Headers }) => answer.headers.get('set-cookie') ?? ''
const pairOf = (answer: { headers: Headers }) => cookieOf(answer).split(';')[0] ?? ''
const seen = ({ status, body }: { status: number; body: unknown }) => [status, body]

describe('the examples of the seed', () => {
  test('POST /auth/login', async () => {
    const { status, body } = await login('admin', 'admin123')
    expect([status, body]).toEqual([
      200,
      { access_token: expect.any(String), token_type: 'bearer', expires_in: 86_400 },
    ])
    expect(claimsOf((body as { access_token: string }).access_token)).toMatchObject({
      sub: '1',
      sid: expect.any(String),
      jti: expect.any(String),
      iat: 1_737_194_400,
      exp: 1_737_194_400 + 86_400,
    })
  })

  test('POST /auth/login with a wrong password', async () => {
    expect(seen(await login('admin', 'x'))).toEqual([
      401,
      { detail: 'Invalid username or password' },
    ])
  })

  test('GET /auth/me', async () => {
    const token = await server.tokenOf('admin')
    expect(seen(await server.ask('GET', '/api/auth/me', { token }))).toEqual([
      200,
      {
        id: 1,
        username: 'admin',
        role: 'admin',
        created_at: '2025-01-18T10:00:00Z',
        last_login: '2025-01-18T10:00:00Z',
      },
    ])
  })

  test('POST /auth/logout ends the session and its tokens', async () => {
    const token = await server.tokenOf('viewer', 'leaver')
    const answer = await server.ask('POST', '/api/auth/logout', { token })
    expect(seen(answer)).toEqual([200, { message: 'Logged out successfully' }])
    expect(cookieOf(answer)).toBe('perfwatch=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax')
    expect(seen(await server.ask('GET', '/api/auth/me', { token }))).toEqual(NOT_VALID)
  })

  test('PUT /auth/password ends every other session of that user', async () => {
    const token = await server.tokenOf('viewer', 'changer')
    const other = await server.logIn('changer', PASSWORD)
    const answer = await server.ask('PUT', '/api/auth/password', {
      token,
      body: { current_password: PASSWORD, new_password: 'newSecurePassword123' },
    })
    expect(seen(answer)).toEqual([200, { message: 'Password updated successfully' }])
    expect((await server.ask('GET', '/api/auth/me', { token })).status).toBe(200)
    expect(seen(await server.ask('GET', '/api/auth/me', { token: other }))).toEqual(NOT_VALID)
    expect((await login('changer', PASSWORD)).status).toBe(401)
    expect((await login('changer', 'newSecurePassword123')).status).toBe(200)
  })
})

test('extra keys are ignored, and so is what the Content-Type says', async () => {
  const body = JSON.stringify({ username: 'admin', password: ADMIN_PASSWORD, remember: true })
  for (const type of [
    'application/json; charset=utf-8',
    'text/plain',
    'application/x-www-form-urlencoded',
  ]) {
    const headers = { 'Content-Type': type }
    expect((await server.ask('POST', '/api/auth/login', { body, headers })).status).toBe(200)
  }
})

test('an expired token is as bad as a forged one', async () => {
  const own = await openServer()
  const token = await own.tokenOf('admin')
  own.advance(24 * 3_600_000)
  expect(seen(await own.ask('GET', '/api/auth/me', { token }))).toEqual(NOT_VALID)
  await own.close()
})

describe('the cookie', () => {
  test('is HttpOnly and SameSite=Lax, and is as good as the token', async () => {
    const answer = await login('admin', ADMIN_PASSWORD)
    expect(cookieOf(answer)).toMatch(
      /^perfwatch=[a-z0-9]{40}; Max-Age=86400; Path=\/; HttpOnly; SameSite=Lax$/,
    )
    const me = await server.ask('GET', '/api/auth/me', { headers: { Cookie: pairOf(answer) } })
    expect(me.status).toBe(200)
  })

  test('is bound to TLS and host behind a trusted proxy that speaks TLS', async () => {
    const answer = await login('admin', ADMIN_PASSWORD, { 'X-Forwarded-Proto': 'https' })
    expect(cookieOf(answer)).toMatch(
      /^__Host-perfwatch=\w{40}; Max-Age=86400; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    )
    const headers = { Cookie: pairOf(answer), 'X-Forwarded-Proto': 'https' }
    expect((await server.ask('GET', '/api/auth/me', { headers })).status).toBe(200)
    // over TLS a cookie without the prefix may have been planted by another site
    const planted = { ...headers, Cookie: headers.Cookie.replace('__Host-', '') }
    expect((await server.ask('GET', '/api/auth/me', { headers: planted })).status).toBe(401)
  })

  test('is not set for a foreign page, which gets a token like any program', async () => {
    const answer = await login('admin', ADMIN_PASSWORD, { Origin: 'https://evil.example' })
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([200, null])
  })

  test('that is wrong is refused, and the bearer token goes before it', async () => {
    const headers = { Cookie: 'perfwatch=wrong' }
    expect(seen(await server.ask('GET', '/api/auth/me', { headers }))).toEqual(NOT_VALID)
    const token = await server.tokenOf('admin')
    expect((await server.ask('GET', '/api/auth/me', { headers, token })).status).toBe(200)
  })

  test('works beside the Basic credential of a proxy', async () => {
    const headers = {
      Cookie: pairOf(await login('admin', ADMIN_PASSWORD)),
      Authorization: 'Basic eDp5',
    }
    expect((await server.ask('GET', '/api/auth/me', { headers })).status).toBe(200)
  })
})

describe('a change by cookie', () => {
  const change = async (headers: Record<string, string>) => {
    const Cookie = pairOf(await login('admin', ADMIN_PASSWORD, pick(headers, 'X-Forwarded-Proto')))
    return server.ask('PUT', '/api/config', { body: {}, headers: { Cookie, ...headers } })
  }
  const pick = (headers: Record<string, string>, name: string): Record<string, string> => {
    const value = headers[name]
    return value === undefined ? {} : { [name]: value }
  }

  test('from a page of this server is made', async () => {
    expect((await change({ Origin: server.url })).status).toBe(200)
  })

  test.each([
    ['without an Origin', {}],
    ['from a foreign page', { Origin: 'https://evil.example' }],
    ['from another port', { Origin: 'http://localhost:1' }],
    ['from a page without an origin', { Origin: 'null' }],
    ['from what is no URL', { Origin: 'localhost' }],
  ])('%s is refused', async (_, headers: Record<string, string>) => {
    const { status, body } = await change(headers)
    expect([status, (body as { detail: string }).detail]).toEqual([
      403,
      expect.stringContaining('Origin'),
    ])
  })

  test('from the http page of the same name is refused where TLS is spoken', async () => {
    const headers = { 'X-Forwarded-Proto': 'https' }
    expect((await change({ ...headers, Origin: server.url })).status).toBe(403)
    const tls = server.url.replace('http:', 'https:')
    expect((await change({ ...headers, Origin: tls })).status).toBe(200)
  })

  test('by token needs no Origin', async () => {
    const token = await server.tokenOf('admin')
    const headers = { Origin: 'https://evil.example' }
    expect((await server.ask('PUT', '/api/config', { token, body: {}, headers })).status).toBe(200)
  })
})

test('the throttle counts by the address that the last trusted proxy saw', async () => {
  await server.accounts.users.create({ username: 'target', password: PASSWORD, role: 'viewer' })
  const attempt = (password: string, forwarded: string) =>
    login('target', password, { 'X-Forwarded-For': forwarded })
  for (let i = 0; i < 10; i++)
    // what the client itself wrote before the proxy's own entry counts for nothing
    expect((await attempt('wrong', `203.0.113.${i}, 198.51.100.7`)).status).toBe(401)
  const refused = await attempt(PASSWORD, '198.51.100.7')
  expect([refused.status, typeof (refused.body as { detail: string }).detail]).toEqual([
    429,
    'string',
  ])
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await attempt(PASSWORD, '198.51.100.8')).status).toBe(200)
})
