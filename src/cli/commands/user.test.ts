import { describe, expect, it } from 'vitest'
import { openAccounts } from '../../accounts/open-accounts.ts'
import { ADMIN, CHEAP, createFakeClock, temporaryFolder } from '../../accounts/testing.ts'
import { runCli } from '../testing/run-cli.ts'

const setUp = () => {
  const folder = temporaryFolder()
  const open = async () => {
    const { accounts } = await openAccounts({
      folder,
      clock: createFakeClock(),
      adminUsername: ADMIN.username,
      adminPassword: ADMIN.password,
      jwtExpireHours: 24,
      hashing: CHEAP,
      every: () => () => {},
    })
    return accounts
  }
  const run = (argv: readonly string[], stdin = '') =>
    runCli(argv, { rooms: { openAccounts: open }, stdin })
  const login = async (username: string, password: string) => {
    const accounts = await open()
    try {
      const { user } = await accounts.sessions.login({ username, password, address: '192.0.2.1' })
      return user.role
    } finally {
      await accounts.close()
    }
  }
  return { run, login }
}

describe('perfwatch user', () => {
  it('adds an account whose password comes from standard input, and the account can log in', async () => {
    const { run, login } = setUp()
    expect(await run(['user', 'add', 'alice', '--role', 'viewer'], 'correct horse\n')).toEqual({
      code: 0,
      out: 'Added alice as viewer.\n',
      err: '',
    })
    expect(await login('alice', 'correct horse')).toBe('viewer')
  })

  it('makes a viewer where no role is given', async () => {
    const { run, login } = setUp()
    await run(['user', 'add', 'alice'], 'correct horse')
    expect(await login('alice', 'correct horse')).toBe('viewer')
  })

  it('takes the first line alone, whatever ends it, with its spaces', async () => {
    const { run, login } = setUp()
    await run(['user', 'add', 'alice'], ' correct horse \r\nsecond line\n')
    expect(await login('alice', ' correct horse ')).toBe('viewer')
  })

  it.each([
    [
      'nothing on standard input',
      ['user', 'add', 'alice'],
      '',
      2,
      'There is no password on standard input',
    ],
    [
      'a short password',
      ['user', 'add', 'alice'],
      'short\n',
      2,
      'password must be 8 to 1024 characters long',
    ],
    [
      'a name with a colon',
      ['user', 'add', 'a:b'],
      'long enough\n',
      2,
      'username must not contain',
    ],
    [
      'an unknown role',
      ['user', 'add', 'alice', '--role', 'root'],
      'long enough\n',
      2,
      'Allowed choices are admin, viewer, client',
    ],
    [
      'a taken name',
      ['user', 'add', 'ADMIN'],
      'long enough\n',
      1,
      'There is a user ADMIN already.',
    ],
    ['a second name', ['user', 'add', 'alice', 'secret'], 'long enough\n', 2, 'too many arguments'],
    [
      'an unknown user',
      ['user', 'passwd', 'nobody'],
      'long enough\n',
      1,
      'There is no user nobody',
    ],
    ['an unknown user', ['user', 'remove', 'nobody'], '', 1, 'There is no user nobody'],
    ['the last admin', ['user', 'remove', 'admin'], '', 1, 'The last admin cannot be removed.'],
  ])('%s is refused in one sentence', async (_, argv, stdin, code, sentence) => {
    const { run } = setUp()
    const result = await run(argv, stdin)
    expect(result).toMatchObject({ code, out: '' })
    expect(result.err).toContain(sentence)
    expect(result.err).not.toContain('long enough')
  })

  it('sets a new password, and the old one is no more', async () => {
    const { run, login } = setUp()
    expect(await run(['user', 'passwd', 'admin'], 'another one\n')).toEqual({
      code: 0,
      out: 'Set a new password for admin; its sessions have ended.\n',
      err: '',
    })
    expect(await login('admin', 'another one')).toBe('admin')
    await expect(login('admin', ADMIN.password)).rejects.toThrow('Invalid username or password')
  })

  it('lists accounts for people and for programs, without a password', async () => {
    const { run } = setUp()
    await run(['user', 'add', 'alice', '--role', 'client'], 'correct horse')
    expect((await run(['user', 'list'])).out).toBe(
      [
        'name   role    created           last log-in',
        'admin  admin   2025-01-18 10:00  –',
        'alice  client  2025-01-18 10:00  –',
        '',
      ].join('\n'),
    )
    expect(JSON.parse((await run(['user', 'list', '--json'])).out)).toEqual({
      users: [
        {
          id: 1,
          username: 'admin',
          role: 'admin',
          created_at: '2025-01-18T10:00:00Z',
          last_login: null,
        },
        {
          id: 2,
          username: 'alice',
          role: 'client',
          created_at: '2025-01-18T10:00:00Z',
          last_login: null,
        },
      ],
    })
  })

  it('removes an account; its name is free again only with --purge', async () => {
    const { run } = setUp()
    for (const name of ['alice', 'bob']) await run(['user', 'add', name], 'correct horse')
    expect(await run(['user', 'remove', 'alice'])).toEqual({
      code: 0,
      out: 'Removed alice.\n',
      err: '',
    })
    expect(await run(['user', 'remove', 'bob', '--purge'])).toMatchObject({ code: 0 })
    expect(await run(['user', 'add', 'alice'], 'correct horse')).toMatchObject({ code: 1, out: '' })
    expect(await run(['user', 'add', 'bob'], 'correct horse')).toMatchObject({ code: 0 })
  })
})

describe('perfwatch token', () => {
  it('writes the value alone, once; the list does not know it', async () => {
    const { run } = setUp()
    const made = await run(['token', 'add', 'build', '--prefix', 'build_', '--host', 'ci'])
    expect(made).toMatchObject({ code: 0, err: '' })
    expect(made.out).toMatch(/^\S{20,}\n$/)
    const listed = await run(['token', 'list'])
    expect(listed.out).toContain('build  –        ci    build_')
    expect(listed.out).not.toContain(made.out.trim())
    expect(JSON.parse((await run(['token', 'list', '--json'])).out)).toEqual({
      tokens: [
        {
          id: 1,
          name: 'build',
          dataset: null,
          host: 'ci',
          prefix: 'build_',
          created_at: '2025-01-18T10:00:00Z',
          last_used: null,
        },
      ],
    })
  })

  it('revokes by name', async () => {
    const { run } = setUp()
    await run(['token', 'add', 'build'])
    expect(await run(['token', 'revoke', 'build'])).toEqual({
      code: 0,
      out: 'Revoked build.\n',
      err: '',
    })
    expect(await run(['token', 'revoke', 'build'])).toEqual({
      code: 1,
      out: '',
      err: 'error: There is no token build; perfwatch token list shows what there is.\n',
    })
  })

  it('refuses a name that is taken', async () => {
    const { run } = setUp()
    await run(['token', 'add', 'build'])
    expect(await run(['token', 'add', 'build'])).toMatchObject({ code: 1, out: '' })
  })
})
