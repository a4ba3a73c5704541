import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Role } from './accounts.ts'
import { ADMIN, openTemporary, refusalOf, START, temporaryFolder } from './testing.ts'

const setUp = async () => {
  const opened = await openTemporary()
  const { users, sessions } = opened.accounts
  const address = '192.0.2.7'
  return {
    ...opened,
    users,
    sessions,
    add: (username: string, role: Role = 'viewer', password = `password of ${username}`) =>
      users.create({ username, password, role }),
    login: (username: string, password = `password of ${username}`) =>
      sessions.login({ username, password, address }),
  }
}
const taken = (name: string) => ({
  code: 'conflict',
  detail: `The username ${JSON.stringify(name)} is taken; choose another.`,
})
const unknown = { code: 'not-found', detail: 'User not found' }

describe('users', () => {
  it('are listed by name, found in any spelling, and got by id', async () => {
    const { users, add, clock } = await setUp()
    clock.advance(1_000)
    const zoe = await add('Zoë', 'client')
    const ann = await add('ann')
    expect(zoe).toEqual({
      id: 2,
      username: 'Zoë',
      role: 'client',
      createdAt: START + 1_000,
      lastLogin: null,
    })
    expect((await users.list()).map(({ username }) => username)).toEqual(['admin', 'ann', 'Zoë'])
    expect(await users.find('ZOE\u0308')).toEqual(zoe)
    expect(await users.get(ann.id)).toEqual(ann)
  })

  it.each([0, -1, 99, 1.5, Number.NaN, Number.MAX_VALUE])('has nobody with id %d', async (id) => {
    const { users } = await setUp()
    expect(await users.get(id)).toBeNull()
    expect(await refusalOf(() => users.update(id, { role: 'client' }))).toEqual(unknown)
    expect(await refusalOf(() => users.remove(id))).toEqual(unknown)
    expect(await refusalOf(() => users.remove(id, { forget: true }))).toEqual(unknown)
  })

  it.each(['', 'nobody', 'a:b', 'n'.repeat(65), "' OR 1=1 --", 'admin\u0000'])(
    'has nobody named %j',
    async (name) => {
      const { users } = await setUp()
      expect(await users.find(name)).toBeNull()
    },
  )

  it.each(["Robert'); DROP TABLE user;--", '👩‍👩‍👧 family', '%', '_', 'null', '1', '" OR ""="'])(
    'may be called %j',
    async (name) => {
      const { users, add, login } = await setUp()
      const made = await add(name)
      expect(made.username).toBe(name)
      expect(await users.find(name)).toEqual(made)
      expect((await login(name)).user.id).toBe(made.id)
      expect(await users.list()).toHaveLength(2)
    },
  )

  it.each([
    [{ username: true }, 'username must be a string'],
    [{ username: { name: 'x' } }, 'username must be a string'],
    [{ username: '' }, 'username must be 1 to 64 characters long'],
    [{ password: true }, 'password must be a string'],
    [{ password: { length: 9 } }, 'password must be a string'],
    [{ password: 12345678 }, 'password must be a string'],
    [{ password: '' }, 'password must be 1 to 1024 characters long'],
    [{ password: '1234567', minPasswordLength: 8 }, 'password must be 8 to 1024 characters long'],
    [{ role: 'root' }, 'role must be one of: admin, viewer, client'],
    [{ role: true }, 'role must be one of: admin, viewer, client'],
  ])('cannot be made with %j', async (odd, detail) => {
    const { users } = await setUp()
    const good = { username: 'new', password: 'long enough', role: 'viewer' as const }
    const given = { ...good, ...odd } as typeof good
    expect(await refusalOf(() => users.create(given))).toEqual({ code: 'invalid', detail })
    expect(await users.list()).toHaveLength(1)
  })

  it('never share a name in whatever spelling', async () => {
    const { add } = await setUp()
    await add('Zoë')
    for (const name of ['Zoë', 'zoë', 'ZOE\u0308', 'ADMIN']) {
      expect(await refusalOf(() => add(name))).toEqual(taken(name.normalize('NFC')))
    }
  })

  it('of one name made at once are one', async () => {
    const { users, add } = await setUp()
    const results = await Promise.allSettled(
      ['ann', 'Ann', 'aNN', 'ann', 'ANN', 'anN'].map((name) => add(name)),
    )
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const refusals = results.flatMap((result) =>
      result.status === 'rejected' ? [result.reason.code] : [],
    )
    expect(refusals).toEqual(Array.from({ length: 5 }, () => 'conflict'))
    expect(await users.list()).toHaveLength(2)
  })

  it('sign themselves up as clients, 100 from one address in an hour; refused ones do not count', async () => {
    const { users } = await setUp()
    const signUp = (username: string, address = '192.0.2.9') =>
      users.signUp({ username, password: 'x', address })
    expect((await signUp('user 0')).role).toBe('client')
    for (let index = 1; index < 50; index += 1) await refusalOf(() => signUp('user 0'))
    for (let index = 1; index < 100; index += 1) await signUp(`user ${index}`)
    expect((await refusalOf(() => signUp('user 100'))).code).toBe('too-many')
    expect((await signUp('user 100', '192.0.2.10')).username).toBe('user 100')
  })
})

describe('a removed user', () => {
  it('is gone, cannot log in, and its name is never given again', async () => {
    const { users, add, login } = await setUp()
    const ann = await add('Ann')
    await users.remove(ann.id)
    expect(await users.find('ann')).toBeNull()
    expect(await users.get(ann.id)).toBeNull()
    expect(await users.list()).toHaveLength(1)
    expect((await refusalOf(() => login('Ann'))).code).toBe('unauthenticated')
    expect(await refusalOf(() => add('ANN'))).toEqual(taken('ANN'))
    expect(await refusalOf(() => users.remove(ann.id))).toEqual(unknown)
  })

  it('leaves no hash of its password in the file', async () => {
    const { users, accounts, add, folder } = await setUp()
    const ann = await add('ann')
    const hashes = () =>
      readFileSync(join(folder, 'accounts.db'), 'latin1').split('$argon2id$').length - 1
    await users.remove(ann.id)
    await accounts.close()
    expect(hashes()).toBe(1)
  })

  it.each([
    ['at once', [{ forget: true }]],
    ['later', [{}, { forget: true }]],
  ])('that is forgotten %s frees its name, but never its id', async (_when, steps) => {
    const { users, add, login } = await setUp()
    const ann = await add('ann')
    await login('ann')
    for (const step of steps) await users.remove(ann.id, step)
    const again = await add('Ann', 'client', 'another one')
    expect(again.id).toBeGreaterThan(ann.id)
    expect((await refusalOf(() => login('ann'))).code).toBe('unauthenticated')
    expect((await login('ann', 'another one')).user.role).toBe('client')
  })

  it('leaves its projects, until it is forgotten; their titles stay taken', async () => {
    const { accounts, users, add } = await setUp()
    const ann = await add('ann')
    const project = { title: 'shop', ownerId: ann.id }
    const made = await accounts.projects.create(project)
    await users.remove(ann.id)
    expect(await accounts.projects.list()).toEqual([made])
    expect(await accounts.projects.list('Ann')).toEqual([made])
    await users.remove(ann.id, { forget: true })
    expect(await accounts.projects.list()).toEqual([])
    const ben = await add('ben')
    const again = { title: 'Shop', ownerId: ben.id }
    expect((await refusalOf(() => accounts.projects.create(again))).code).toBe('conflict')
    await accounts.projects.remove(made.id, { forget: true })
    expect((await accounts.projects.create(again)).owner).toBe('ben')
  })
})

describe('the last admin', () => {
  it('cannot be removed, forgotten or demoted, but can get a new password', async () => {
    const { users, add, login } = await setUp()
    const viewer = await add('viewer')
    const removed = {
      code: 'conflict',
      detail: 'The last admin cannot be removed. Make another account an admin first.',
    }
    expect(await refusalOf(() => users.remove(1))).toEqual(removed)
    expect(await refusalOf(() => users.remove(1, { forget: true }))).toEqual(removed)
    expect(await refusalOf(() => users.update(1, { role: 'viewer', password: 'x' }))).toEqual({
      code: 'conflict',
      detail: 'The last admin cannot be demoted. Make another account an admin first.',
    })
    expect((await login('admin', ADMIN.password)).user.role).toBe('admin')
    expect((await users.update(1, { role: 'admin', password: 'another' })).role).toBe('admin')
    await users.update(viewer.id, { role: 'admin' })
    await users.remove(1)
    expect(await refusalOf(() => users.remove(viewer.id))).toEqual(removed)
  })

  it('is kept when two admins remove each other at once', async () => {
    const { users, add } = await setUp()
    const other = await add('other', 'admin')
    const results = await Promise.allSettled([
      users.update(other.id, { role: 'client', password: 'first' }),
      users.update(1, { role: 'client', password: 'second' }),
    ])
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect((await users.list()).filter(({ role }) => role === 'admin')).toHaveLength(1)
  })
})

describe('changes of a user', () => {
  it.each([{ password: 'another one' }, { role: 'client' as const }])(
    '%j end all sessions of that user and no other',
    async (change: { password?: string; role?: 'client' }) => {
      const { users, sessions, add, login } = await setUp()
      const ann = await add('ann')
      await add('ben')
      const [one, two, bens] = [await login('ann'), await login('ann'), await login('ben')]
      const told: unknown[] = []
      sessions.onRevoked((revocation) => told.push(revocation))
      await users.update(ann.id, change)
      expect(told).toEqual([{ kind: 'user', userId: ann.id }])
      expect(await sessions.byBearer(one.accessToken)).toBeNull()
      expect(await sessions.byCookie(two.sessionId)).toBeNull()
      expect((await sessions.byBearer(bens.accessToken))?.user.username).toBe('ben')
    },
  )

  it('that change nothing end no session', async () => {
    const { users, sessions, add, login } = await setUp()
    const ann = await add('ann')
    const { accessToken } = await login('ann')
    for (const change of [{}, { role: 'viewer' as const }, { password: undefined }]) {
      expect((await users.update(ann.id, change)).role).toBe('viewer')
    }
    expect(await sessions.byBearer(accessToken)).not.toBeNull()
  })

  it('are all or nothing', async () => {
    const { users, add, login } = await setUp()
    const ann = await add('ann')
    const change = { role: 'admin' as const, password: 'short' }
    const refusal = await refusalOf(() => users.update(ann.id, change, { minPasswordLength: 8 }))
    expect(refusal).toEqual({
      code: 'invalid',
      detail: 'password must be 8 to 1024 characters long',
    })
    expect((await login('ann')).user.role).toBe('viewer')
  })

  it('hold after the next start', async () => {
    const folder = temporaryFolder()
    const first = await openTemporary({ folder })
    const ann = await first.accounts.users.create({
      username: 'ann',
      password: 'x',
      role: 'client',
    })
    await first.accounts.users.update(ann.id, { role: 'viewer' })
    await first.accounts.close()
    const second = await openTemporary({ folder })
    expect(await second.accounts.users.find('ann')).toEqual({ ...ann, role: 'viewer' })
    expect(second.firstStart).toBeNull()
  })
})
