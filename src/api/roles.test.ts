import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROLES, type Role } from '../accounts/accounts.ts'
import { openServer, type TestServer } from './testing/open-server.ts'

/** Who gets past the role check, by endpoint: a admin, v viewer, c client, - nobody logged in. */
const TABLE = `
  POST   /api/auth/login           a v c -
  POST   /api/auth/register        a v c -
  POST   /api/auth/logout          a v c
  GET    /api/auth/me              a v c
  PUT    /api/auth/password        a v c
  POST   /api/auth/ws-ticket       a v c
  GET    /api/users                a
  POST   /api/users                a
  PATCH  /api/users/{id}           a
  DELETE /api/users/{id}           a
  GET    /api/tokens               a
  POST   /api/tokens               a
  DELETE /api/tokens/{id}          a
  GET    /api/projects             a v c
  POST   /api/projects             a   c
  DELETE /api/projects/{id}        a   c
  GET    /api/client-cpu           a v c
  GET    /api/client-cpu/sessions  a v c
  GET    /api/events               a v c
  GET    /api/events/metrics       a v c
  GET    /api/hosts                a v
  DELETE /api/hosts/{host}         a
  GET    /api/history/metrics      a v
  GET    /api/history/metrics/types a v
  GET    /api/history/compare      a v
  GET    /api/logs                 a v c
  GET    /api/config               a v
  PUT    /api/config               a
  GET    /api/config/retention     a v
  GET    /api/retention            a v
  PUT    /api/retention            a
  POST   /api/retention/cleanup    a
  GET    /api/ws/metrics           a v c -
  GET    /metrics                  a v
  GET    /api/doctor               a
  GET    /health                   a v c -
  GET    /                         a v c -
  GET    /openapi.json             a v c -
  GET    /docs                     a v c -
  GET    /docs/start.js            a v c -
  GET    /docs/swagger-ui.css      a v c -
  GET    /docs/swagger-ui-bundle.js a v c -
  GET    /docs/favicon-32x32.png   a v c -
`

type Rule = { readonly method: string; readonly path: string; readonly allowed: readonly string[] }
const rules: readonly Rule[] = TABLE.trim()
  .split('\n')
  .map((line) => {
    const [method = '', path = '', ...allowed] = line.trim().split(/\s+/)
    return { method, path, allowed }
  })

let server: TestServer
beforeAll(async () => {
  server = await openServer()
  for (const role of ROLES) await server.tokenOf(role)
})
afterAll(() => server.close())

const passwordOf = (role: Role) => (role === 'admin' ? 'admin123' : 'a long password')

test('the table has every endpoint, and no other', async () => {
  const { body } = await server.ask('GET', '/openapi.json')
  const { paths } = body as { paths: Record<string, Record<string, unknown>> }
  const served = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  expect(served.sort()).toEqual(rules.map(({ method, path }) => `${method} ${path}`).sort())
})

test.each(rules)('$method $path', async ({ method, path, allowed }) => {
  const asked = path.replace('{id}', '999').replace('{host}', 'nowhere')
  const body = method === 'GET' || method === 'DELETE' ? {} : { body: {} }
  const nobody = await server.ask(method, asked, body)
  if (!path.endsWith('/login')) expect(nobody.status === 401).toBe(!allowed.includes('-'))
  for (const role of ROLES) {
    // a log-out ends it: each question has a session of its own
    const token = await server.logIn(role, passwordOf(role))
    const { status } = await server.ask(method, asked, { ...body, token })
    expect([role, status === 403, status === 401]).toEqual([
      role,
      !allowed.includes(role.charAt(0)),
      false,
    ])
  }
})
