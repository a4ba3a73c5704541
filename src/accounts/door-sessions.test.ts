import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DAY, MINUTE } from '../points/instant.ts'
import { openDatabase } from './open-database.ts'
import { ADMIN, openTemporary, refusalOf, START, WRONG } from './testing.ts'
import { randomUuid } from './uuid.ts'

const ANN = { username: 'ann', password: 'x', address: '192.0.2.7' }
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

const setUp = async () => {
  const opened = await openTemporary()
  const { doorSessions, users } = opened.accounts
  const ann = await doorSessions.register(ANN)
  const user = await users.find('ann')
  if (user === null) throw new Error('Nobody.')
  /** Reads the file as it is. */
  const rows = () => {
    const db = openDatabase(join(opened.folder, 'accounts.db'))
    const all = db.all(
      'SELECT id, hash IS NULL AS ended, last_used FROM door_session ORDER BY rowid',
    )
    db.close()
    return all
  }
  return { ...opened, doorSessions, users, ann, user, rows }
}

describe('a session of a client', () => {
  it('is opened by a sign-up, whose hash says who and which session', async () => {
    const { doorSessions, ann, user } = await setUp()
    expect(ann).toEqual({
      hash: expect.stringMatching(UUID),
      session: { id: expect.stringMatching(/^[0-9a-f]{16}$/), username: 'ann', startedAt: START },
    })
    expect(user).toMatchObject({ role: 'client', lastLogin: START })
    expect(await doorSessions.verify(ann.hash)).toEqual({
      user,
      sessionId: ann.session.id,
      startedAt: START,
    })
  })

  it('is another one at each log-in, and all of them hold', async () => {
    const { doorSessions, ann, clock, user } = await setUp()
    clock.advance(1_000)
    const second = await doorSessions.login({ ...ANN, username: 'ANN' })
    const third = await doorSessions.login(ANN)
    expect(new Set([ann, second, third].map(({ hash }) => hash)).size).toBe(3)
    for (const { hash, session } of [ann, second, third]) {
      const held = await doorSessions.verify(hash)
      expect(held).toMatchObject({ sessionId: session.id, startedAt: session.startedAt })
      expect(held?.user).toEqual({ ...user, lastLogin: START + 1_000 })
    }
  })

  it('is found by its hash in any spelling of the UUID', async () => {
    const { doorSessions, ann } = await setUp()
    const bare = ann.hash.replaceAll('-', '')
    for (const spelling of [ann.hash.toUpperCase(), bare, bare.toUpperCase()]) {
      expect((await doorSessions.verify(spelling))?.sessionId).toBe(ann.session.id)
    }
  })

  it.each([
    '',
    'hash',
    "' OR 1=1 --",
    '3b1f9c0a-8f0e-4d7c-9a1b-2c3d4e5f6071',
    'x'.repeat(1_000_000),
  ])('is not %.20j', async (hash) => {
    const { doorSessions } = await setUp()
    expect(await doorSessions.verify(hash)).toBeNull()
  })

  it('is not opened by its public id or by the user’s other credentials', async () => {
    const { doorSessions, accounts, ann } = await setUp()
    const login = await accounts.sessions.login(ANN)
    for (const other of [ann.session.id, login.sessionId, login.accessToken]) {
      expect(await doorSessions.verify(other)).toBeNull()
    }
  })

  it.each([
    ['a wrong password', { password: 'wrong' }],
    ['an unknown user', { username: 'nobody' }],
    ['no password', { password: '' }],
  ])('is not opened with %s', async (_what, odd) => {
    const { doorSessions } = await setUp()
    expect(await refusalOf(() => doorSessions.login({ ...ANN, ...odd }))).toEqual(WRONG)
  })

  it.each([
    [{ username: 'ANN' }, 'conflict'],
    [{ username: 'admin' }, 'conflict'],
    [{ username: '' }, 'invalid'],
    [{ username: 'a:b' }, 'invalid'],
    [{ username: 'ben', password: '' }, 'invalid'],
    [{ username: 'ben', password: 'x'.repeat(1_025) }, 'invalid'],
  ])('is not opened by a sign-up with %.60j', async (odd, code) => {
    const { doorSessions, rows } = await setUp()
    expect((await refusalOf(() => doorSessions.register({ ...ANN, ...odd }))).code).toBe(code)
    expect(rows()).toHaveLength(1)
  })

  it('is throttled together with other log-ins, and for this account only', async () => {
    const { doorSessions, accounts } = await setUp()
    const wrong = { ...ANN, password: 'wrong' }
    for (let time = 0; time < 5; time += 1) {
      await refusalOf(() => doorSessions.login(wrong))
      await refusalOf(() => accounts.speedlog.login(wrong))
    }
    expect((await refusalOf(() => doorSessions.login(ANN))).code).toBe('too-many')
    const other = await doorSessions.login({ ...ADMIN, address: ANN.address })
    expect(other.session.username).toBe('admin')
  })

  it('makes at most a hundred accounts per address and hour', async () => {
    const { doorSessions } = await setUp()
    const sign = (n: number) => doorSessions.register({ ...ANN, username: `user ${n}` })
    for (let n = 1; n < 100; n += 1) await sign(n)
    expect((await refusalOf(() => sign(100))).code).toBe('too-many')
  })
})

describe('a session of a client ends', () => {
  it('after thirty days without use, however often it was used before', async () => {
    const { doorSessions, ann, clock } = await setUp()
    for (let day = 0; day < 40; day += 20) {
      clock.advance(20 * DAY)
      expect(await doorSessions.verify(ann.hash)).not.toBeNull()
    }
    clock.advance(30 * DAY - 1)
    expect(await doorSessions.verify(ann.hash)).not.toBeNull()
    clock.advance(30 * DAY)
    expect(await doorSessions.verify(ann.hash)).toBeNull()
  })

  it.each([
    ['a new password', { password: 'another' }],
    ['a new role', { role: 'viewer' }],
  ] as const)('with %s', async (_what, change) => {
    const { doorSessions, users, ann, user } = await setUp()
    await doorSessions.verify(ann.hash)
    await users.update(user.id, change)
    expect(await doorSessions.verify(ann.hash)).toBeNull()
    expect(await doorSessions.list('ann')).toEqual([ann.session])
  })

  it('with a password that its user changes', async () => {
    const { doorSessions, accounts, ann } = await setUp()
    const { accessToken } = await accounts.sessions.login(ANN)
    const caller = await accounts.sessions.byBearer(accessToken)
    if (caller === null) throw new Error('Nobody.')
    await accounts.sessions.changePassword(caller, {
      current: 'x',
      next: 'a newer one',
      address: ANN.address,
    })
    expect(await doorSessions.verify(ann.hash)).toBeNull()
  })

  it('with its user, and is listed until that is forgotten', async () => {
    const { doorSessions, users, ann, user } = await setUp()
    await doorSessions.verify(ann.hash)
    await users.remove(user.id)
    expect(await doorSessions.verify(ann.hash)).toBeNull()
    expect(await doorSessions.list('ann')).toEqual([ann.session])
    await users.remove(user.id, { forget: true })
    expect(await doorSessions.list()).toEqual([])
    const again = await doorSessions.register(ANN)
    expect(await doorSessions.list('ann')).toEqual([again.session])
  })

  it('not with what happens to others, or with another log-in', async () => {
    const { doorSessions, users, ann } = await setUp()
    const ben = await doorSessions.register({ ...ANN, username: 'ben' })
    await doorSessions.login(ANN)
    await users.remove((await users.find('ben'))?.id ?? 0)
    expect(await doorSessions.verify(ann.hash)).not.toBeNull()
    expect(await doorSessions.verify(ben.hash)).toBeNull()
  })

  it('where a user has a thousand newer ones', async () => {
    const { doorSessions, ann, clock, folder, user } = await setUp()
    const db = openDatabase(join(folder, 'accounts.db'))
    db.run(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 998)
       INSERT INTO door_session(id, user_id, hash, started_at) SELECT 'id ' || i, ?, 'hash ' || i, ? FROM n`,
      [user.id, START + 1],
    )
    db.close()
    clock.advance(2)
    await doorSessions.login(ANN)
    expect(await doorSessions.verify(ann.hash)).not.toBeNull()
    await doorSessions.login(ANN)
    expect(await doorSessions.verify(ann.hash)).toBeNull()
  })
})

describe('sessions of clients', () => {
  it('are listed oldest first, all or those of a user, and found by their id', async () => {
    const { doorSessions, ann, clock } = await setUp()
    clock.advance(1)
    const ben = await doorSessions.register({ ...ANN, username: 'Ben' })
    clock.advance(1)
    const again = await doorSessions.login(ANN)
    expect(await doorSessions.list()).toEqual([ann.session, ben.session, again.session])
    expect(await doorSessions.list('ANN')).toEqual([ann.session, again.session])
    for (const nobody of ['nobody', '', '%']) expect(await doorSessions.list(nobody)).toEqual([])
    expect(await doorSessions.find(ben.session.id)).toEqual(ben.session)
    expect(await doorSessions.find(ben.hash)).toBeNull()
  })

  it('note their use at most every ten minutes', async () => {
    const { doorSessions, ann, clock, rows } = await setUp()
    const usedAfter = async (ms: number) => {
      clock.advance(ms)
      await doorSessions.verify(ann.hash)
      return rows()
    }
    const used = (after: number) => [{ id: ann.session.id, ended: 0, last_used: START + after }]
    expect(await usedAfter(1)).toEqual(used(1))
    expect(await usedAfter(10 * MINUTE - 1)).toEqual(used(1))
    expect(await usedAfter(1)).toEqual(used(10 * MINUTE + 1))
  })

  it('that ended are kept without their hash, and those that were never used are not', async () => {
    const { doorSessions, ann, clock, poll, rows } = await setUp()
    await doorSessions.login(ANN)
    await doorSessions.verify(ann.hash)
    clock.advance(31 * DAY)
    poll()
    expect(rows()).toEqual([{ id: ann.session.id, ended: 1, last_used: START }])
    expect(await doorSessions.list()).toEqual([ann.session])
  })

  it('are not opened for who is changed between the question for the password and the session', async () => {
    const { doorSessions, users, user } = await setUp()
    const slow = doorSessions.login(ANN)
    const [attempt] = await Promise.allSettled([slow, users.update(user.id, { password: 'new' })])
    const hash =
      attempt.status === 'fulfilled' ? attempt.value.hash : randomUuid(() => new Uint8Array(16))
    expect(await doorSessions.verify(hash)).toBeNull()
  })
})
