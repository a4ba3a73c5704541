import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemRandom } from './random.ts'
import { ADMIN, openTemporary, refusalOf, temporaryFolder } from './testing.ts'

const FILE = 'initial-admin-password'
const address = '192.0.2.1'
const random = { adminPassword: undefined }

describe('the first start', () => {
  it('makes an admin with the given password, and keeps it nowhere', async () => {
    const { accounts, folder, firstStart, warnings } = await openTemporary({
      adminUsername: 'root',
      adminPassword: 'a good long password',
    })
    expect({ firstStart, warnings }).toEqual({
      firstStart: { username: 'root', password: null, file: null },
      warnings: [],
    })
    expect(readdirSync(folder)).not.toContain(FILE)
    const given = { username: 'root', password: 'a good long password', address }
    expect((await accounts.sessions.login(given)).user.role).toBe('admin')
  })

  it.each(['admin123', 'x', 'aaaaaaaaaaaaaaaaaaaa', 'this is Admin 2025'])(
    'takes the weak password %j with a warning',
    async (adminPassword) => {
      const { accounts, warnings } = await openTemporary({ adminPassword })
      expect(warnings).toEqual([
        'ADMIN_PASSWORD is weak; change it before others can reach this server.',
      ])
      const given = { username: 'admin', password: adminPassword, address }
      expect((await accounts.sessions.login(given)).user.id).toBe(1)
    },
  )

  it.each([
    [
      { adminUsername: 'a:b' },
      'ADMIN_USERNAME: the name must not contain ":" or control characters, or end in "\\".',
    ],
    [
      { adminUsername: 'n'.repeat(65) },
      'ADMIN_USERNAME: the name must be 1 to 64 characters long.',
    ],
    [{ adminPassword: '' }, 'ADMIN_PASSWORD: the password must be 1 to 1024 characters long.'],
    [
      { jwtSecret: 'short' },
      'JWT_SECRET must be at least 32 bytes long; leave it out and one is made and kept in DATA_DIR.',
    ],
  ])('with %j is refused by the name of the setting', async (options, detail) => {
    expect(await refusalOf(() => openTemporary(options))).toEqual({ code: 'setup', detail })
  })

  it('makes a password, tells it once, and keeps it in a file until the first change', async () => {
    const folder = temporaryFolder()
    const file = join(folder, FILE)
    const first = await openTemporary({ ...random, folder })
    const password = first.firstStart?.password ?? ''
    expect(password).toMatch(/^([a-km-np-z2-9]{5}-){3}[a-km-np-z2-9]{5}$/)
    expect(first.firstStart).toEqual({ username: 'admin', password, file })
    expect(readFileSync(file, 'utf8')).toBe(`${password}\n`)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    await first.accounts.close()

    const second = await openTemporary({ ...random, folder })
    expect(second.firstStart).toBeNull()
    expect(second.warnings).toEqual([
      `The first password of the first admin is still in ${file}; change it.`,
    ])
    const { sessions } = second.accounts
    const { accessToken } = await sessions.login({ username: 'admin', password, address })
    const caller = await sessions.byBearer(accessToken)
    if (caller === null) throw new Error('Nobody.')
    const change = { current: password, next: 'a new password', address }
    await refusalOf(() => sessions.changePassword(caller, { ...change, current: 'wrong' }))
    expect(existsSync(file)).toBe(true)
    await sessions.changePassword(caller, change)
    expect(existsSync(file)).toBe(false)
  })

  it.each(['password', 'removal'] as const)(
    'forgets the file with the %s of the first admin only',
    async (how) => {
      const { accounts, folder } = await openTemporary(random)
      const { users } = accounts
      const other = await users.create({ username: 'other', password: 'x', role: 'admin' })
      await users.update(other.id, { password: 'y' })
      await users.update(1, { role: 'viewer' })
      expect(existsSync(join(folder, FILE))).toBe(true)
      if (how === 'password') await users.update(1, { password: 'z' })
      else await users.remove(1)
      expect(existsSync(join(folder, FILE))).toBe(false)
    },
  )

  it('tells only the file when the password must not be printed', async () => {
    const { folder, firstStart } = await openTemporary({ ...random, printPassword: false })
    expect(firstStart).toEqual({ username: 'admin', password: null, file: join(folder, FILE) })
  })

  it('that was cut short after the file was written goes on with that password', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, FILE), 'from-before\n', { mode: 0o600 })
    const { firstStart } = await openTemporary({ ...random, folder })
    expect(firstStart?.password).toBe('from-before')
  })

  it.each([
    ['is empty', (file: string) => writeFileSync(file, ''), 'is empty'],
    ['is a folder', (file: string) => mkdirSync(file), 'cannot be read'],
  ])('whose file of the password %s is refused', async (_what, spoil, why) => {
    const folder = temporaryFolder()
    spoil(join(folder, FILE))
    expect(await refusalOf(() => openTemporary({ ...random, folder }))).toEqual({
      code: 'setup',
      detail: `${join(folder, FILE)} ${why}; delete it and start again.`,
    })
  })

  it('whose file cannot be deleted still changes the password', async () => {
    const { accounts, folder, problems } = await openTemporary(random)
    const file = join(folder, FILE)
    rmSync(file)
    mkdirSync(join(file, 'not empty'), { recursive: true })
    expect((await accounts.users.update(1, { password: 'z' })).username).toBe('admin')
    expect(problems).toEqual([`${FILE} in DATA_DIR could not be deleted; delete it.`])
  })

  it('of two processes at once makes one admin, and both know the same password', async () => {
    const folder = temporaryFolder()
    const both = await Promise.all([
      openTemporary({ ...random, folder }),
      openTemporary({ ...random, folder }),
    ])
    const told = both.flatMap(({ firstStart }) => (firstStart === null ? [] : [firstStart]))
    expect(told).toHaveLength(1)
    const password = told[0]?.password ?? ''
    for (const { accounts } of both) {
      expect(await accounts.users.list()).toHaveLength(1)
      const login = await accounts.sessions.login({ username: 'admin', password, address })
      expect(login.user.id).toBe(1)
    }
  })
})

describe('a later start', () => {
  const ignored =
    'ADMIN_PASSWORD and ADMIN_USERNAME only count at the first start and are ignored now; `perfwatch user passwd` changes a password.'

  it.each([
    ['the same', {}, []],
    ['nothing', { adminPassword: undefined, adminUsername: 'other' }, []],
    ['another password', { adminPassword: 'another one' }, [ignored]],
    ['another name', { adminUsername: 'other' }, [ignored]],
    ['a name that is none', { adminUsername: ':' }, [ignored]],
  ])('that is given %s changes nobody', async (_what, options, warnings) => {
    const folder = temporaryFolder()
    await (await openTemporary({ folder })).accounts.close()
    const later = await openTemporary({ folder, ...options })
    expect({ firstStart: later.firstStart, warnings: later.warnings }).toEqual({
      firstStart: null,
      warnings,
    })
    expect((await later.accounts.sessions.login(ADMIN)).user.id).toBe(1)
    expect(await later.accounts.users.list()).toHaveLength(1)
  })
})

describe('the secret of the tokens', () => {
  it('is made once, for this user only, and never the same', async () => {
    const folders = [temporaryFolder(), temporaryFolder()]
    const secrets: string[] = []
    for (const folder of folders) {
      await openTemporary({ folder, random: systemRandom })
      secrets.push(readFileSync(join(folder, 'jwt-secret'), 'utf8'))
      expect(statSync(join(folder, 'jwt-secret')).mode & 0o777).toBe(0o600)
    }
    expect(secrets[0]).toMatch(/^[\w-]{64}\n$/)
    expect(secrets[0]).not.toBe(secrets[1])
  })

  it('is not kept when it is given, and another one ends the tokens', async () => {
    const folder = temporaryFolder()
    const first = await openTemporary({ folder, jwtSecret: 'x'.repeat(32) })
    const login = await first.accounts.sessions.login(ADMIN)
    expect(existsSync(join(folder, 'jwt-secret'))).toBe(false)
    await first.accounts.close()
    const second = await openTemporary({ folder, jwtSecret: 'y'.repeat(32) })
    expect(await second.accounts.sessions.byBearer(login.accessToken)).toBeNull()
    expect(await second.accounts.sessions.byCookie(login.sessionId)).not.toBeNull()
  })

  it('that is damaged is refused and left as it is', async () => {
    const folder = temporaryFolder()
    await (await openTemporary({ folder })).accounts.close()
    const file = join(folder, 'jwt-secret')
    writeFileSync(file, 'cut')
    expect(await refusalOf(() => openTemporary({ folder }))).toEqual({
      code: 'setup',
      detail: `${file} is damaged (shorter than 32 bytes); delete it and a new one is made (everyone logs in again).`,
    })
    expect(readFileSync(file, 'utf8')).toBe('cut')
  })
})
