import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openDatabase } from './open-database.ts'
import { ADMIN, openTemporary, refusalOf, START, WRONG } from './testing.ts'

/** As the real client makes it. */
const md5 = (text: string) => createHash('md5').update(text).digest('hex')
const address = '192.0.2.7'

const setUp = async () => {
  const opened = await openTemporary()
  const { logger, users, sessions } = opened.accounts
  const ann = await logger.createUser({ username: 'ann', password: 'x', telId: '4711' })
  if (ann === null) throw new Error('Nobody.')
  const verify = (username: string, token: string) => logger.verify({ username, token, address })
  /** Which of these passwords opens ann's door. */
  const opens = async (...passwords: readonly string[]) => {
    const right: string[] = []
    for (const password of passwords) {
      const answer = await Promise.allSettled([verify('ann', md5(`ann${password}`))])
      if (answer[0].status === 'fulfilled') right.push(password)
    }
    return right
  }
  return { ...opened, logger, users, sessions, ann, verify, opens }
}

describe('a user of LoggerBot', () => {
  it('is a client whose token is made of name and password', async () => {
    const { users, sessions, ann, verify } = await setUp()
    expect(ann).toEqual({
      id: 2,
      username: 'ann',
      role: 'client',
      createdAt: START,
      lastLogin: null,
    })
    expect(await verify('ann', md5('annx'))).toEqual(ann)
    expect(await verify('ann', md5('annx'))).toEqual(ann)
    expect((await sessions.login({ username: 'ann', password: 'x', address })).user.id).toBe(2)
    expect((await users.list()).map(({ username, telId }) => [username, telId])).toEqual([
      ['admin', null],
      ['ann', '4711'],
    ])
  })

  it('that is there already stays as it was, whatever it is', async () => {
    const { logger, users, verify, opens } = await setUp()
    const make = (username: string) =>
      logger.createUser({ username, password: 'stolen', telId: 'other' })
    for (const name of ['ann', 'ANN', 'admin']) expect(await make(name)).toBeNull()
    await users.remove((await users.create({ username: 'ben', password: 'y', role: 'viewer' })).id)
    expect(await make('ben')).toBeNull()
    expect(await opens('x', 'stolen')).toEqual(['x'])
    expect(await refusalOf(() => verify('admin', md5('adminstolen')))).toEqual(WRONG)
    expect((await users.list()).map(({ telId }) => telId)).toEqual([null, '4711'])
  })

  it('that was made elsewhere has no token, unless it was asked for', async () => {
    const { users, verify } = await setUp()
    await users.create({ username: 'plain', password: 'y', role: 'client' })
    const bot = await users.create({ username: 'bot', password: 'y', role: 'viewer', logger: true })
    expect(await refusalOf(() => verify('plain', md5('plainy')))).toEqual(WRONG)
    expect(await refusalOf(() => verify('admin', md5(`admin${ADMIN.password}`)))).toEqual(WRONG)
    expect(await verify('bot', md5('boty'))).toEqual(bot)
  })

  it.each([
    ['another password', 'ann', md5('anny')],
    ['the password itself', 'ann', 'x'],
    ['the token of another spelling', 'ann', md5('ANNx')],
    ['upper case', 'ann', md5('annx').toUpperCase()],
    ['an unknown user', 'nobody', md5('nobodyx')],
    ['nothing', '', ''],
    ['what can be no name', 'a:b', md5('a:bx')],
    ['a long one', 'ann', 'a'.repeat(100_000)],
  ])('is not let in with %s', async (_what, username, token) => {
    const { verify } = await setUp()
    expect(await refusalOf(() => verify(username, token))).toEqual(WRONG)
  })

  it('makes its token of its name as it spells it', async () => {
    const { logger, verify } = await setUp()
    const spelt = 'Zoe\u0308'
    await logger.createUser({ username: spelt, password: 'é"`;' })
    expect((await verify(spelt, md5(`${spelt}é"\`;`))).username).toBe('Zoë')
    expect((await verify('zoë', md5(`${spelt}é"\`;`))).username).toBe('Zoë')
    expect(await refusalOf(() => verify('Zoë', md5('Zoëé"`;')))).toEqual(WRONG)
  })

  it.each([
    [{ username: '' }, 'username must be 1 to 64 characters long'],
    [{ username: 'a:b' }, 'username must not contain ":" or control characters, or end in "\\"'],
    [{ username: 5 }, 'username must be a string'],
    [{ password: '' }, 'password must be 1 to 1024 characters long'],
    [
      { telId: 'x'.repeat(256) },
      'tel_id must be at most 255 characters long, without control characters',
    ],
    [
      { telId: 'a\u0000b' },
      'tel_id must be at most 255 characters long, without control characters',
    ],
    [{ telId: 5 }, 'tel_id must be at most 255 characters long, without control characters'],
  ])('cannot be made with %.60j', async (odd, detail) => {
    const { logger, users } = await setUp()
    const given = { username: 'ben', password: 'y', ...odd } as {
      username: string
      password: string
    }
    expect(await refusalOf(() => logger.createUser(given))).toEqual({ code: 'invalid', detail })
    expect(await users.list()).toHaveLength(2)
  })

  it('is throttled together with log-ins, alone', async () => {
    const { logger, sessions, verify } = await setUp()
    await logger.createUser({ username: 'ben', password: 'y' })
    for (let time = 0; time < 5; time += 1) {
      await refusalOf(() => verify('ann', md5(`guess ${time}`)))
      await refusalOf(() => sessions.login({ username: 'ann', password: 'wrong', address }))
    }
    expect((await refusalOf(() => verify('ann', md5('annx')))).code).toBe('too-many')
    expect((await verify('ben', md5('beny'))).username).toBe('ben')
  })
})

describe('the token of LoggerBot follows the password', () => {
  it('that an admin sets', async () => {
    const { users, ann, opens } = await setUp()
    expect(await opens('x', 'new')).toEqual(['x'])
    await users.update(ann.id, { password: 'new' })
    expect(await opens('x', 'new')).toEqual(['new'])
  })

  it('that its user sets', async () => {
    const { sessions, opens } = await setUp()
    await opens('x')
    const { accessToken } = await sessions.login({ username: 'ann', password: 'x', address })
    const caller = await sessions.byBearer(accessToken)
    if (caller === null) throw new Error('Nobody.')
    await sessions.changePassword(caller, { current: 'x', next: 'long enough', address })
    expect(await opens('x', 'long enough')).toEqual(['long enough'])
  })

  it('and stays over a change of the role', async () => {
    const { users, ann, opens } = await setUp()
    await users.update(ann.id, { role: 'viewer' })
    expect(await opens('x')).toEqual(['x'])
  })

  it('and ends where a password is set without it', async () => {
    const { folder, opens } = await setUp()
    expect(await opens('x')).toEqual(['x'])
    const db = openDatabase(join(folder, 'accounts.db'))
    db.run(`UPDATE user SET password_hash = 'by hand', epoch = epoch + 1 WHERE username = 'ann'`)
    db.close()
    expect(await opens('x')).toEqual([])
  })

  it('and ends with the account, of which nothing but the name is kept', async () => {
    const { users, ann, opens, folder } = await setUp()
    await opens('x')
    await users.remove(ann.id)
    expect(await opens('x')).toEqual([])
    const db = openDatabase(join(folder, 'accounts.db'))
    expect(db.all('SELECT * FROM user WHERE id = ?', [ann.id])).toEqual([
      {
        id: 2,
        username: 'ann',
        name_key: 'ann',
        password_hash: null,
        role: 'client',
        epoch: 1,
        created_at: START,
        last_login: null,
        removed_at: START,
        logger_name: null,
        logger_hash: null,
        tel_id: null,
      },
    ])
    db.close()
  })

  it('in a hash of today’s cost', async () => {
    const first = await setUp()
    await first.accounts.close()
    const second = await openTemporary({
      folder: first.folder,
      hashing: { memoryCost: 128, timeCost: 3 },
    })
    await second.accounts.logger.verify({ username: 'ann', token: md5('annx'), address })
    await second.accounts.close()
    const file = readFileSync(join(first.folder, 'accounts.db'), 'latin1')
    const costs = [...file.matchAll(/\$argon2id\$v=19\$m=(\d+)/g)].map(([, cost]) => cost)
    const made = (at: string) => costs.filter((cost) => cost === at).length
    // the token's own; the two passwords were not asked
    expect({ today: made('128'), before: made('64') }).toEqual({ today: 1, before: 2 })
  })
})
