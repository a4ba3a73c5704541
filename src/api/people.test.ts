import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { instant, MINUTE } from '../points/instant.ts'
import { openServer, OWN_HOST, PASSWORD, START, type TestServer } from './testing/open-server.ts'

let server: TestServer
let token: string
beforeAll(async () => {
  server = await openServer()
  token = await server.tokenOf('admin')
})
afterAll(() => server.close())

const ask = async (method: string, path: string, body?: unknown, as = token) => {
  const answer = await server.ask(method, path, { token: as, body })
  return [answer.status, answer.body]
}
const idOf = ([, body]: unknown[]) => (body as { id: number }).id
const created_at = '2025-01-18T10:00:00Z'

describe('users', () => {
  test('are added, changed and removed, and their names are never given again', async () => {
    const ada = { username: 'ada', role: 'viewer', created_at, last_login: null }
    const added = await ask('POST', '/api/users', {
      username: 'ada',
      password: PASSWORD,
      role: 'viewer',
    })
    const id = idOf(added)
    expect(added).toEqual([201, { id, ...ada }])
    expect(await ask('GET', '/api/users')).toEqual([
      200,
      {
        users: [
          { id, ...ada },
          { id: 1, username: 'admin', role: 'admin', created_at, last_login: created_at },
        ],
      },
    ])
    expect(await ask('PATCH', `/api/users/${id}`, { role: 'client' })).toEqual([
      200,
      { id, ...ada, role: 'client' },
    ])
    expect((await ask('PATCH', `/api/users/${id}`, { password: 'a newer password' }))[0]).toBe(200)
    expect(await server.logIn('ada', 'a newer password')).toEqual(expect.any(String))
    expect(await ask('DELETE', `/api/users/${id}`)).toEqual([204, ''])
    expect((await ask('DELETE', `/api/users/${id}`))[0]).toBe(404)
    expect((await ask('POST', '/api/users', { ...ada, password: PASSWORD }))[0]).toBe(409)
  })

  test('purged ones free their name', async () => {
    const eve = { username: 'eve', password: PASSWORD, role: 'client' }
    const id = idOf(await ask('POST', '/api/users', eve))
    expect(await ask('DELETE', `/api/users/${id}?purge=true`)).toEqual([
      202,
      { message: 'The user is gone and the name is free.' },
    ])
    expect((await ask('POST', '/api/users', eve))[0]).toBe(201)
  })
})

describe('tokens', () => {
  test('show their value once', async () => {
    const made = await ask('POST', '/api/tokens', {
      name: 'web-9',
      dataset: 'metrics',
      host: 'web-9',
      prefix: null,
    })
    const [, { id, token: value }] = made as [number, { id: number; token: string }]
    const shown = {
      id,
      name: 'web-9',
      dataset: 'metrics',
      host: 'web-9',
      project: null,
      prefix: null,
      agent: false,
      metrics: false,
      points_per_second: 100_000,
      max_series: 10_000,
      created_at,
      last_used: null,
    }
    expect(made).toEqual([201, { ...shown, token: expect.stringMatching(/^\S{22,}$/) }])
    expect(await ask('GET', '/api/tokens')).toEqual([200, { tokens: [shown] }])
    expect(await server.accounts.tokens.verify(value)).toMatchObject({ id })
    expect(await ask('DELETE', `/api/tokens/${id}`)).toEqual([204, ''])
    expect(await server.accounts.tokens.verify(value)).toBe(null)
    expect(await ask('GET', '/api/tokens')).toEqual([200, { tokens: [] }])
  })

  test.each([
    [{ agent: true, host: 'web-8' }, 201],
    [{ agent: true }, 400],
    [{ metrics: true }, 201],
    [{ project: 'nothing' }, 400],
    [{ points_per_second: 5, max_series: 7 }, 201],
    [{ points_per_second: 0 }, 400],
    [{ max_series: '7' }, 400],
  ])('of the scope %j: %i', async (scope, status) => {
    const made = await ask('POST', '/api/tokens', { name: 'scoped', ...scope })
    expect(made).toEqual([status, expect.objectContaining(status === 201 ? scope : {})])
    if (status === 201) expect((await ask('DELETE', `/api/tokens/${idOf(made)}`))[0]).toBe(204)
  })
})

describe('projects', () => {
  test('a client has its own, a viewer and an admin see all', async () => {
    const [cara, carl, vera] = [
      await server.tokenOf('client', 'cara'),
      await server.tokenOf('client', 'carl'),
      await server.tokenOf('viewer', 'vera'),
    ]
    const added = await ask('POST', '/api/projects', { title: 'shop' }, cara)
    const shop = {
      id: idOf(added),
      title: 'shop',
      owner: 'cara',
      token_required: false,
      created_at,
    }
    expect(added).toEqual([201, shop])
    const [, blog] = await ask('POST', '/api/projects', { title: 'blog' }, carl)
    expect(await ask('GET', '/api/projects', undefined, cara)).toEqual([200, { projects: [shop] }])
    const [, { projects }] = (await ask('GET', '/api/projects', undefined, vera)) as [
      number,
      { projects: { title: string }[] },
    ]
    expect(projects.sort((a, b) => (a.title < b.title ? -1 : 1))).toEqual([blog, shop])
    expect((await ask('DELETE', `/api/projects/${shop.id}`, undefined, carl))[0]).toBe(404)
    expect((await ask('DELETE', `/api/projects/${shop.id}`, undefined, vera))[0]).toBe(403)
    expect(await ask('DELETE', `/api/projects/${shop.id}`, undefined, cara)).toEqual([204, ''])
    expect((await ask('POST', '/api/projects', { title: 'shop' }, carl))[0]).toBe(409)
    const { id } = blog as { id: number }
    expect((await ask('DELETE', `/api/projects/${id}?purge=true`, undefined, carl))[0]).toBe(202)
    expect((await ask('POST', '/api/projects', { title: 'blog' }, cara))[0]).toBe(201)
  })
})

describe('what only admins see', () => {
  test('the tel_id of LoggerBot users, where there is one', async () => {
    await server.accounts.logger.createUser({ username: 'bot', password: 'x', telId: '4711' })
    const [, { users }] = (await ask('GET', '/api/users')) as [number, { users: object[] }]
    expect(users.filter((user) => 'tel_id' in user)).toEqual([
      expect.objectContaining({ username: 'bot', role: 'client', tel_id: '4711' }),
    ])
  })

  test('a project that wants a token is made by the API too', async () => {
    const made = await ask('POST', '/api/projects', { title: 'closed', token_required: true })
    expect(made).toEqual([201, expect.objectContaining({ token_required: true })])
    expect((await server.accounts.projects.find('closed'))?.tokenRequired).toBe(true)
  })
})

describe('hosts', () => {
  const point = (host: string, ageMs: number) => ({
    measurement: 'cpu',
    tags: { host },
    fields: { user: 1 },
    at: instant(START - ageMs),
  })
  const unknown = {
    os: null,
    kernel: null,
    cpu_model: null,
    cores: null,
    memory_total_bytes: null,
    boot_time: null,
    virtualization: null,
  }

  test('are listed by name with their state and what is known of them', async () => {
    await server.store.write('metrics', [
      point('web-1', 20 * MINUTE),
      point('web-1', 12_500),
      point('web-2', 12_501),
      point('web-3', 10 * MINUTE + 1),
    ])
    await server.accounts.facts.set(
      'host:web-1',
      JSON.stringify({ os: 'Debian 12', cores: 2, more: 'later' }),
    )
    await server.accounts.facts.set('host:web-2', 'damaged')
    const at = (ageMs: number) => new Date(START - ageMs).toISOString().replace('.000Z', 'Z')
    expect(await ask('GET', '/api/hosts')).toEqual([
      200,
      {
        hosts: [
          {
            host: OWN_HOST,
            self: true,
            first_seen: null,
            last_seen: null,
            status: 'silent',
            ...unknown,
          },
          {
            host: 'web-1',
            self: false,
            first_seen: at(20 * MINUTE),
            last_seen: at(12_500),
            status: 'live',
            ...unknown,
            os: 'Debian 12',
            cores: 2,
          },
          {
            host: 'web-2',
            self: false,
            first_seen: at(12_501),
            last_seen: at(12_501),
            status: 'late',
            ...unknown,
          },
          {
            host: 'web-3',
            self: false,
            first_seen: at(10 * MINUTE + 1),
            last_seen: at(10 * MINUTE + 1),
            status: 'silent',
            ...unknown,
          },
        ],
      },
    ])
  })

  test('are deleted with their points, whatever their names hold', async () => {
    await server.store.write('metrics', [point('a/b c', 0)])
    expect(await ask('DELETE', '/api/hosts/a%2Fb%20c')).toEqual([
      202,
      { message: 'The points of a/b c are being deleted' },
    ])
    await expect
      .poll(async () => (await server.store.hosts()).some(({ host }) => host === 'a/b c'))
      .toBe(false)
    expect((await ask('DELETE', '/api/hosts/a%2Fb%20c'))[0]).toBe(404)
  })

  test('of which the points cannot be deleted are logged, and are still there', async () => {
    await server.store.write('metrics', [point('stuck', 0)])
    expect((await ask('GET', '/api/hosts'))[0]).toBe(200)
    server.store.failWith(new Error('disk full'))
    const answer = await ask('DELETE', '/api/hosts/stuck')
    expect(answer[0]).toBe(202)
    await expect
      .poll(() => server.lines.some((line) => line.includes('could not be deleted')))
      .toBe(true)
    server.store.failWith(undefined)
    const [, body] = await ask('GET', '/api/hosts')
    expect((body as { hosts: { host: string }[] }).hosts.map(({ host }) => host)).toContain('stuck')
  })
})
