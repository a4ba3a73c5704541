import { afterAll, beforeAll, expect, test } from 'vitest'
import { openServer, PASSWORD, type TestServer } from './testing/open-server.ts'

let server: TestServer
const tokens: Record<string, string> = {}

beforeAll(async () => {
  server = await openServer()
  tokens['admin'] = await server.tokenOf('admin')
  tokens['viewer'] = await server.tokenOf('viewer')
  tokens['client'] = await server.tokenOf('client')
  const ended = await server.tokenOf('viewer', 'ended')
  await server.ask('POST', '/api/auth/logout', { token: ended })
  tokens['revoked'] = ended
  tokens['ingest'] = (await server.accounts.tokens.create({ name: 'ingest' })).token
  await server.accounts.projects.create({ title: 'taken', ownerId: 1 })
})
afterAll(() => server.close())

type Row = readonly [
  what: string,
  method: string,
  path: string,
  as: string | null,
  body: unknown,
  status: number,
  detail: string,
]

const NOT_AUTHENTICATED = 'Not authenticated'
const BAD = 'Could not validate credentials'
const FORBIDDEN = 'Not authorized to perform this action'
const NOT_FOUND = 'Resource not found'
const BAD_JSON = 'The request body is not valid JSON'
const NO_OBJECT = 'The request body must be a JSON object'
const WRONG = 'Invalid username or password'
const login = (username: unknown, password: unknown) => ({ username, password })

const refusals: readonly Row[] = [
  ['an unknown path', 'GET', '/api/nothing', null, undefined, 404, NOT_FOUND],
  ['a trailing slash', 'GET', '/api/config/', 'admin', undefined, 404, NOT_FOUND],
  ['a wrong method', 'GET', '/api/auth/login', null, undefined, 405, 'Method Not Allowed'],
  [
    'a wrong method without a login',
    'DELETE',
    '/api/config',
    null,
    undefined,
    405,
    'Method Not Allowed',
  ],
  ['OPTIONS without CORS', 'OPTIONS', '/api/config', null, undefined, 405, 'Method Not Allowed'],

  ['no credential', 'GET', '/api/auth/me', null, undefined, 401, NOT_AUTHENTICATED],
  ['a bad token', 'GET', '/api/auth/me', 'x.y.z', undefined, 401, BAD],
  ['a revoked token', 'GET', '/api/auth/me', 'revoked', undefined, 401, BAD],
  ['an ingest token', 'GET', '/api/auth/me', 'ingest', undefined, 401, BAD],
  ['an ingest token at /metrics', 'GET', '/metrics', 'ingest', undefined, 401, BAD],
  ['/metrics without a token', 'GET', '/metrics', null, undefined, 401, NOT_AUTHENTICATED],

  ['an unknown user', 'POST', '/api/auth/login', null, login('nobody', 'x'), 401, WRONG],
  ['a wrong password', 'POST', '/api/auth/login', null, login('admin', 'x'), 401, WRONG],
  ['an empty password', 'POST', '/api/auth/login', null, login('admin', ''), 401, WRONG],
  [
    'an over-long password',
    'POST',
    '/api/auth/login',
    null,
    login('admin', 'x'.repeat(1025)),
    401,
    WRONG,
  ],
  ['no body', 'POST', '/api/auth/login', null, undefined, 400, 'username is required'],
  ['no JSON', 'POST', '/api/auth/login', null, '{"username"', 400, BAD_JSON],
  ['JSON, but a list', 'POST', '/api/auth/login', null, '[]', 400, NO_OBJECT],
  ['JSON, but null', 'POST', '/api/auth/login', null, 'null', 400, NO_OBJECT],
  [
    'no password',
    'POST',
    '/api/auth/login',
    null,
    { username: 'admin' },
    400,
    'password is required',
  ],
  [
    'a number as name',
    'POST',
    '/api/auth/login',
    null,
    login(1, 'x'),
    400,
    'username must be a string',
  ],
  [
    'a boolean as password',
    'POST',
    '/api/auth/login',
    null,
    login('a', true),
    400,
    'password must be a string',
  ],
  [
    'null as password',
    'POST',
    '/api/auth/login',
    null,
    login('a', null),
    400,
    'password must be a string',
  ],

  [
    'a wrong current password',
    'PUT',
    '/api/auth/password',
    'viewer',
    { current_password: 'x', new_password: 'long enough' },
    400,
    'Current password is incorrect',
  ],
  [
    'a short new password',
    'PUT',
    '/api/auth/password',
    'viewer',
    { current_password: PASSWORD, new_password: 'seven77' },
    400,
    'new_password must be 8 to 1024 characters long',
  ],
  [
    'a long new password',
    'PUT',
    '/api/auth/password',
    'viewer',
    { current_password: PASSWORD, new_password: 'x'.repeat(1025) },
    400,
    'new_password must be 8 to 1024 characters long',
  ],
  [
    'no new password',
    'PUT',
    '/api/auth/password',
    'viewer',
    { current_password: PASSWORD },
    400,
    'new_password is required',
  ],

  ['a viewer among users', 'GET', '/api/users', 'viewer', undefined, 403, FORBIDDEN],
  ['a client at host metrics', 'GET', '/api/hosts', 'client', undefined, 403, FORBIDDEN],
  ['the role before the input', 'PUT', '/api/config', 'viewer', '{', 403, FORBIDDEN],
  ['who before the input', 'PUT', '/api/config', null, '{', 401, NOT_AUTHENTICATED],
  ['the role before the id', 'DELETE', '/api/users/0', 'client', undefined, 403, FORBIDDEN],

  [
    'an unknown role',
    'POST',
    '/api/users',
    'admin',
    { ...login('n', PASSWORD), role: 'root' },
    400,
    'role must be one of: admin, client, viewer',
  ],
  ['no role', 'POST', '/api/users', 'admin', login('n', PASSWORD), 400, 'role is required'],
  [
    'a taken name',
    'POST',
    '/api/users',
    'admin',
    { ...login('ADMIN', PASSWORD), role: 'viewer' },
    409,
    'The username "ADMIN" is taken; choose another.',
  ],
  ['an unknown user', 'PATCH', '/api/users/999', 'admin', { role: 'viewer' }, 404, NOT_FOUND],
  ['an unknown user', 'DELETE', '/api/users/999', 'admin', undefined, 404, NOT_FOUND],
  ['an id that is no number', 'DELETE', '/api/users/1e3', 'admin', undefined, 404, NOT_FOUND],
  [
    'the last admin',
    'DELETE',
    '/api/users/1',
    'admin',
    undefined,
    409,
    'The last admin cannot be removed. Make another account an admin first.',
  ],
  [
    'the last admin',
    'PATCH',
    '/api/users/1',
    'admin',
    { role: 'viewer' },
    409,
    'The last admin cannot be demoted. Make another account an admin first.',
  ],

  [
    'a taken token name',
    'POST',
    '/api/tokens',
    'admin',
    { name: 'ingest' },
    409,
    'The token name "ingest" is taken; choose another.',
  ],
  [
    'an unknown dataset',
    'POST',
    '/api/tokens',
    'admin',
    { name: 'n', dataset: 'journal' },
    400,
    'dataset must be one of: events, logs, metrics, pushed',
  ],
  ['an unknown token', 'DELETE', '/api/tokens/999', 'admin', undefined, 404, NOT_FOUND],
  [
    'a taken title',
    'POST',
    '/api/projects',
    'admin',
    { title: 'taken' },
    409,
    'The title taken is taken; choose another.',
  ],
  ['no title', 'POST', '/api/projects', 'admin', {}, 400, 'title is required'],
  [
    'a viewer that adds a project',
    'POST',
    '/api/projects',
    'viewer',
    { title: 'n' },
    403,
    FORBIDDEN,
  ],
  ["somebody else's project", 'DELETE', '/api/projects/1', 'client', undefined, 404, NOT_FOUND],
  ['an unknown host', 'DELETE', '/api/hosts/nowhere', 'admin', undefined, 404, NOT_FOUND],

  ['a list as settings', 'PUT', '/api/config', 'admin', '[]', 400, NO_OBJECT],
  [
    'downsampling after the end',
    'PUT',
    '/api/config',
    'admin',
    { retention_days: 5 },
    400,
    'downsample_after_days must be less than or equal to retention_days',
  ],
  [
    'an unknown interval',
    'PUT',
    '/api/config',
    'admin',
    { downsample_interval: '2h' },
    400,
    'Invalid downsample_interval. Must be one of: 1h, 1m, 5m, 5s',
  ],
  [
    'the same through the old door',
    'PUT',
    '/api/retention',
    'admin',
    { downsample_interval: '2h' },
    400,
    'Invalid downsample_interval. Must be one of: 1h, 1m, 5m, 5s',
  ],
  [
    'the same in a preview',
    'PUT',
    '/api/config?preview=true',
    'admin',
    { downsample_interval: '2h' },
    400,
    'Invalid downsample_interval. Must be one of: 1h, 1m, 5m, 5s',
  ],
]

test.each(refusals)('%s: %s %s', async (_, method, path, as, body, status, detail) => {
  const answer = await server.ask(method, path, {
    ...(as !== null && { token: tokens[as] ?? as }),
    body,
  })
  expect([answer.status, answer.body]).toEqual([status, { detail }])
  expect(answer.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null)
})

test.each([
  ['/api/auth/login', 'POST'],
  ['/api/auth/me', 'GET, HEAD'],
  ['/api/config', 'GET, HEAD, PUT'],
  ['/api/users/1', 'DELETE, PATCH'],
])('405 at %s says what is allowed: %s', async (path, allow) => {
  const answer = await server.ask('OPTIONS', path)
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow])
})
