import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { connect } from '../live/testing.ts'
import { frame } from '../points/frame.ts'
import { instant } from '../points/instant.ts'
import { openServer, OWN_HOST, PASSWORD, type TestServer } from './testing/open-server.ts'
import { head, rawHttp } from './testing/raw-http.ts'
import { fullSample } from './testing/sample.ts'

let server: TestServer
beforeEach(async () => {
  server = await openServer({ TRUSTED_PROXIES: '127.0.0.1,::1' })
})
afterEach(() => server.close())

const socket = (query = '', headers: Record<string, string> = {}, path = '/api/ws/metrics') =>
  connect(`ws://localhost:${server.port}${path}${query}`, headers)
const HANDSHAKE = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
}
const cookieFor = async (headers: Record<string, string> = {}) => {
  const body = { username: 'admin', password: 'admin123' }
  const answer = await server.ask('POST', '/api/auth/login', { body, headers })
  return answer.headers.get('set-cookie')?.split(';')[0] ?? ''
}

test('the frame is the seed’s: type, timestamp, and every metric of the catalogue', async () => {
  const sample = fullSample(OWN_HOST, server.clock.now())
  server.hub.publish(sample)
  const client = await socket(`?token=${await server.tokenOf('viewer')}`)
  const got = await client.next()
  expect(got).toEqual(JSON.parse(JSON.stringify(frame(sample))))
  expect(got).toMatchObject({ type: 'metrics', timestamp: '2025-01-18T10:00:00Z' })
  expect(Object.keys((got as { data: object }).data)).toEqual(
    expect.arrayContaining(['cpu', 'memory', 'network', 'disk', 'perf', 'perf_events', 'pressure']),
  )
})

describe('what opens it', () => {
  test('a token, a ticket once, a header, a cookie', async () => {
    const token = await server.tokenOf('viewer')
    await socket(`?token=${token}`)
    await socket('', { Authorization: `bearer ${token}` })
    const Cookie = await cookieFor()
    await socket('', { Cookie })
    await socket('', { Cookie, Origin: server.url })
    const { body } = await server.ask('POST', '/api/auth/ws-ticket', { token })
    const { ticket } = body as { ticket: string }
    expect(body).toEqual({ ticket: expect.stringMatching(/^[\w-]{22,}$/), expires_in: 30 })
    await socket(`?ticket=${ticket}`)
    await expect(socket(`?ticket=${ticket}`)).rejects.toThrow('401')
  })

  test('a ticket is good for 30 seconds', async () => {
    const token = await server.tokenOf('viewer')
    const { body } = await server.ask('POST', '/api/auth/ws-ticket', { token })
    server.advance(30_001)
    await expect(socket(`?ticket=${(body as { ticket: string }).ticket}`)).rejects.toThrow('401')
  })

  test('runs of slashes are one', async () => {
    await socket(`?token=${await server.tokenOf('viewer')}`, {}, '//api///ws/metrics')
  })

  test('the cookie over TLS', async () => {
    const tls = { 'X-Forwarded-Proto': 'https' }
    const Cookie = await cookieFor(tls)
    await socket('', { Cookie, ...tls, Origin: server.url.replace('http:', 'https:') })
    await expect(socket('', { Cookie, ...tls, Origin: server.url })).rejects.toThrow('403')
  })
})

test.each([
  ['no credential', '', {}, 401, 'Not authenticated'],
  ['a bad token', '?token=x', {}, 401, 'Could not validate credentials'],
  ['an empty token', '?token=', {}, 401, 'Could not validate credentials'],
  ['a bad ticket', '?ticket=x', {}, 401, 'Could not validate credentials'],
  ['a bad cookie', '', { Cookie: 'perfwatch=x' }, 401, 'Could not validate credentials'],
  ['an unknown host', '', { Host: 'evil.example' }, 421, 'Unknown host. Add it to ALLOWED_HOSTS.'],
])('refused before the upgrade: %s', async (_, query, headers, status, detail) => {
  const answer = await rawHttp(
    server.port,
    head(`GET /api/ws/metrics${query}`, { ...HANDSHAKE, ...headers }),
  )
  expect([answer.status, JSON.parse(answer.body)]).toEqual([status, { detail }])
  expect(answer.headers['x-content-type-options']).toBe('nosniff')
  expect(answer.headers['www-authenticate']).toBe(status === 401 ? 'Bearer' : undefined)
})

test('refused before the upgrade: another path, another method, another host', async () => {
  const token = await server.tokenOf('viewer')
  await expect(socket(`?token=${token}`, {}, '/api/ws/logs')).rejects.toThrow('404')
  await expect(socket(`?token=${token}`, {}, '/api/ws/metrics/')).rejects.toThrow('404')
  await expect(socket(`?token=${token}&host=nowhere`)).rejects.toThrow('404')
  const post = await rawHttp(server.port, head('POST /api/ws/metrics', HANDSHAKE))
  expect([post.status, post.headers['allow']]).toEqual([405, 'GET'])
})

test('refused before the upgrade: a cookie from a foreign page', async () => {
  const Cookie = await cookieFor()
  await expect(socket('', { Cookie, Origin: 'https://evil.example' })).rejects.toThrow('403')
})

test('an upgrade to something else is answered as if it had not been asked', async () => {
  const h2c = { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c', 'HTTP2-Settings': '' }
  const { status, body } = await rawHttp(server.port, head('GET /health', h2c))
  expect([status, JSON.parse(body)]).toEqual([200, { status: 'healthy', service: 'perfwatch' }])
})

test('a client is connected and gets no metrics, nor does who asks for another host', async () => {
  await server.store.write('metrics', [
    { measurement: 'cpu', tags: { host: 'web-9' }, fields: { user: 1 }, at: instant(1_000) },
  ])
  server.hub.publish(fullSample(OWN_HOST, server.clock.now()))
  const client = await socket(`?token=${await server.tokenOf('client')}`)
  const elsewhere = await socket(`?host=web-9&token=${await server.tokenOf('viewer')}`)
  for (const one of [client, elsewhere]) {
    one.socket.send('{"type":"ping"}')
    expect(await one.next()).toEqual({ type: 'pong' })
  }
})

describe('a socket is closed with 4001', () => {
  test('by a log-out, and only those of that session', async () => {
    const token = await server.tokenOf('viewer')
    const other = await socket(`?token=${await server.logIn('viewer', PASSWORD)}`)
    const client = await socket(`?token=${token}`)
    await server.ask('POST', '/api/auth/logout', { token })
    expect(await client.closed()).toBe(4001)
    other.socket.send('{"type":"ping"}')
    expect(await other.next()).toEqual({ type: 'pong' })
  })

  test('by a password change from another session, which keeps its own', async () => {
    const token = await server.tokenOf('viewer')
    const own = await socket(`?token=${token}`)
    const other = await socket(`?token=${await server.logIn('viewer', PASSWORD)}`)
    const body = { current_password: PASSWORD, new_password: 'another password' }
    expect((await server.ask('PUT', '/api/auth/password', { token, body })).status).toBe(200)
    expect(await other.closed()).toBe(4001)
    own.socket.send('{"type":"ping"}')
    expect(await own.next()).toEqual({ type: 'pong' })
  })

  test('when the user is removed, or gets another role', async () => {
    const removed = await socket(`?token=${await server.tokenOf('viewer', 'removed')}`)
    const demoted = await socket(`?token=${await server.tokenOf('viewer', 'demoted')}`)
    const users = await server.accounts.users.list()
    const idOf = (name: string) => users.find(({ username }) => username === name)?.id ?? 0
    await server.accounts.users.remove(idOf('removed'))
    await server.accounts.users.update(idOf('demoted'), { role: 'client' })
    expect(await Promise.all([removed.closed(), demoted.closed()])).toEqual([4001, 4001])
  })

  test('when the session expires', async () => {
    const client = await socket(`?token=${await server.tokenOf('viewer')}`)
    server.advance(24 * 3_600_000)
    expect(await client.closed()).toBe(4001)
  })
})

test('a server that stops says 1001', async () => {
  const client = await socket(`?token=${await server.tokenOf('viewer')}`)
  await server.server.close()
  expect(await client.closed()).toBe(1001)
  await expect(socket()).rejects.toThrow()
})
