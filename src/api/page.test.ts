import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openServer, type TestServer } from './testing/open-server.ts'

const SCRIPT = 'export const page = 1\n'.repeat(100)

let folder: string
let server: TestServer
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'perfwatch-page-'))
  mkdirSync(join(folder, 'assets'))
  writeFileSync(
    join(folder, 'index.html'),
    '<meta name="perfwatch" content="{}" /><script src="./assets/a.js"></script>',
  )
  writeFileSync(join(folder, 'assets', 'a.js'), SCRIPT)
  writeFileSync(join(folder, 'icon.svg'), '<svg/>')
  server = await openServer({ BASE_PATH: '/mon' }, { pageFolder: folder })
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(server.url + path, { headers })

const factsIn = (html: string): unknown => {
  const content = /<meta name="perfwatch" content="([^"]*)" \/>/.exec(html)?.[1] ?? ''
  return JSON.parse(
    content.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&amp;', '&'),
  )
}

describe('the page', () => {
  test.each([
    ['a browser', 'text/html,application/xhtml+xml,*/*;q=0.8', 'text/html; charset=utf-8'],
    ['curl', '*/*', 'text/html; charset=utf-8'],
    ['a program', 'application/json', 'application/json'],
  ])('at / for %s', async (_who, accept, type) => {
    const { status, headers } = await get('/', { accept })
    expect([status, headers.get('content-type')]).toEqual([200, type])
  })

  test('knows what the server is before anybody is logged in, and then who is', async () => {
    const nobody = { version: '0.1.0', registration: true, user: null }
    expect(factsIn(await (await get('/mon/')).text())).toEqual(nobody)
    await server.accounts.users.create({
      username: '"><script>$&',
      password: 'a password',
      role: 'viewer',
    })
    const token = await server.logIn('"><script>$&', 'a password')
    const html = await (await get('/mon/', { authorization: `Bearer ${token}` })).text()
    expect(html).not.toContain('<script>$')
    expect(factsIn(html)).toMatchObject({
      user: { username: '"><script>$&', role: 'viewer' },
    })
  })

  test('may load its own files and ask its own server only, and is never kept', async () => {
    const { headers } = await get('/')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    )
  })

  test('has its files packed, and for good where their names change with them', async () => {
    const answer = await get('/mon/assets/a.js', { 'accept-encoding': 'gzip' })
    expect(await answer.text()).toBe(SCRIPT)
    const { headers } = answer
    expect(headers.get('content-encoding')).toBe('gzip')
    expect(headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    const plain = await get('/assets/a.js', { 'accept-encoding': 'identity' })
    expect([plain.headers.get('content-encoding'), await plain.text()]).toEqual([null, SCRIPT])
    expect((await get('/icon.svg')).headers.get('cache-control')).toBe('public, max-age=3600')
  })

  test.each(['/assets/b.js', '/assets/../index.html', '/index.html', '/assets/'])(
    'has no %s',
    async (path) => {
      expect((await get(path)).status).toBe(404)
    },
  )
})

describe('sign-up', () => {
  const signUp = (body: unknown, at = server) => at.ask('POST', '/api/auth/register', { body })

  test('makes a client, which can log in; a name is given once', async () => {
    const given = { username: 'newcomer', password: 'x' }
    expect(await signUp(given)).toMatchObject({
      status: 201,
      body: { username: 'newcomer', role: 'client', last_login: null },
    })
    expect((await signUp(given)).status).toBe(409)
    expect(await server.ask('POST', '/api/auth/login', { body: given })).toMatchObject({
      status: 200,
    })
  })

  test.each([
    ['no name', { password: 'x' }],
    ['a name with a colon', { username: 'a:b', password: 'x' }],
    ['an empty password', { username: 'a', password: '' }],
  ])('refuses %s with 400', async (_name, body) => {
    expect(await signUp(body)).toMatchObject({ status: 400, body: { detail: expect.any(String) } })
  })

  test('is 403 where it is closed', async () => {
    const closed = await openServer({ ALLOW_REGISTRATION: '0' })
    expect(await signUp({ username: 'a', password: 'x' }, closed)).toMatchObject({
      status: 403,
      body: { detail: 'Registration is disabled' },
    })
    await closed.close()
  })
})
