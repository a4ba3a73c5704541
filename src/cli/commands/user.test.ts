import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ADMIN } from '../../accounts/testing.ts'
import { AppError } from '../../app-error.ts'
import { instant } from '../../points/instant.ts'
import { withFreshAccounts } from '../testing/run-with-accounts.ts'

const setUp = () => {
  const { run, open, ...rest } = withFreshAccounts()
  const login = async (username: string, password: string) => {
    const accounts = await open()
    try {
      const { user } = await accounts.sessions.login({ username, password, address: '192.0.2.1' })
      return user.role
    } finally {
      await accounts.close()
    }
  }
  return { run, login, open, ...rest }
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

  it('deletes with --purge what an account has sent, and only while no server runs', async () => {
    const { run, store, startServer } = setUp()
    for (const name of ['alice', 'bob']) await run(['user', 'add', name], 'correct horse')
    const moodOf = (user: string) => ({
      measurement: 'mood',
      tags: { user },
      at: instant(1_000),
      fields: { mood: 'Happy!' },
    })
    await store.records.append('journal', ['alice', 'bob'].map(moodOf))
    const users = async () =>
      (await store.records.series('journal', 'mood', {})).map(({ tags }) => tags['user'])
    expect(await run(['user', 'remove', 'alice', '--purge'])).toMatchObject({ code: 0 })
    expect(await users()).toEqual(['bob'])
    startServer()
    const refused = await run(['user', 'remove', 'bob', '--purge'])
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('A server runs') })
    expect(await users()).toEqual(['bob'])
    expect(await run(['user', 'list'])).toMatchObject({ out: expect.stringContaining('bob') })
  })

  it('adds a client whose LoggerBot credential follows its password', async () => {
    const { run, open } = setUp()
    expect(await run(['user', 'add', 'bot', '--logger'], 'correct horse')).toMatchObject({
      code: 0,
      out: 'Added bot as client.\n',
    })
    const roleBy = async (password: string) => {
      const accounts = await open()
      const token = createHash('md5').update(`bot${password}`).digest('hex')
      try {
        return (await accounts.logger.verify({ username: 'bot', token, address: '192.0.2.1' })).role
      } catch (error) {
        return error instanceof AppError ? error.code : error
      } finally {
        await accounts.close()
      }
    }
    expect(await roleBy('correct horse')).toBe('client')
    await run(['user', 'passwd', 'bot'], 'another horse')
    expect(await roleBy('correct horse')).toBe('unauthenticated')
    expect(await roleBy('another horse')).toBe('client')
  })

  it('gives a LoggerBot account the role that is asked for, and others no such credential', async () => {
    const { run, open } = setUp()
    await run(['user', 'add', 'bot', '--logger', '--role', 'viewer'], 'correct horse')
    await run(['user', 'add', 'alice', '--role', 'client'], 'correct horse')
    const accounts = await open()
    const verify = (username: string) =>
      accounts.logger.verify({
        username,
        token: createHash('md5').update(`${username}correct horse`).digest('hex'),
        address: '192.0.2.1',
      })
    expect((await verify('bot')).role).toBe('viewer')
    await expect(verify('alice')).rejects.toThrow('Invalid username or password')
    await accounts.close()
  })

  it('shows the tel_id of those that have one', async () => {
    const { run, open } = setUp()
    const accounts = await open()
    await accounts.logger.createUser({ username: 'bot', password: 'x', telId: '4711' })
    await accounts.close()
    const { users } = JSON.parse((await run(['user', 'list', '--json'])).out)
    expect(users.map((user: object) => ('tel_id' in user ? user.tel_id : 'none'))).toEqual([
      'none',
      '4711',
    ])
  })
})
