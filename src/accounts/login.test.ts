import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { HOUR, MINUTE } from '../points/instant.ts'
import { openDatabase } from './open-database.ts'
import {
  ADMIN,
  callerOf,
  CHEAP,
  openSessions,
  openTemporary,
  refusalOf,
  sidOf,
  START,
  temporaryFolder,
  WRONG,
} from './testing.ts'

describe('a log-in', () => {
  it('gives a cookie and a token of one session, and notes when it was', async () => {
    const { sessions, users, clock, login } = await openSessions()
    clock.advance(5_000)
    const opened = await login()
    const user = {
      id: 1,
      username: 'admin',
      role: 'admin',
      createdAt: START,
      lastLogin: START + 5_000,
    }
    expect(opened).toEqual({
      user,
      sessionId: expect.stringMatching(/^[a-z2-7]{40}$/),
      accessToken: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      expiresInSeconds: 86_400,
    })
    const caller = { user, sessionKey: sidOf(opened), expiresAt: START + 5_000 + 24 * HOUR }
    expect(await sessions.byBearer(opened.accessToken)).toEqual(caller)
    expect(await sessions.byCookie(opened.sessionId)).toEqual(caller)
    expect(await users.get(1)).toEqual(user)
  })

  it('of another session is seen by the first as the last one', async () => {
    const { sessions, clock, login } = await openSessions()
    const first = await login()
    callerOf(await sessions.byBearer(first.accessToken))
    clock.advance(MINUTE)
    await login()
    const { user } = callerOf(await sessions.byBearer(first.accessToken))
    expect(user.lastLogin).toBe(START + MINUTE)
  })

  it.each([
    ['a wrong password', { password: 'wrong' }],
    ['a password with a space more', { password: `${ADMIN.password} ` }],
    ['a password in another case', { password: ADMIN.password.toUpperCase() }],
    ['no password', { password: '' }],
    ['a very long password', { password: 'x'.repeat(900_000) }],
    ['an unknown user', { username: 'nobody' }],
    ['no user', { username: '' }],
    ['a very long user', { username: 'x'.repeat(900_000) }],
    ['a user that is SQL', { username: "admin' --" }],
    ['half a surrogate pair', { username: 'admin\ud83d', password: '\ud83d' }],
  ])('with %s is refused with the same words', async (_what, odd) => {
    const { sessions } = await openSessions()
    expect(await refusalOf(() => sessions.login({ ...ADMIN, ...odd }))).toEqual(WRONG)
    expect(await refusalOf(() => sessions.authenticate({ ...ADMIN, ...odd }))).toEqual(WRONG)
  })

  it.each([
    [{ username: true }, 'username must be a string'],
    [{ username: { $ne: null } }, 'username must be a string'],
    [{ username: ['admin'] }, 'username must be a string'],
    [{ password: true }, 'password must be a string'],
    [{ password: 1 }, 'password must be a string'],
    [{ password: null }, 'password must be a string'],
    [{ password: { toString: () => ADMIN.password } }, 'password must be a string'],
  ])('with %j is malformed and does not count', async (odd, detail) => {
    const { sessions, login } = await openSessions()
    const given = { ...ADMIN, ...odd } as typeof ADMIN
    for (let time = 0; time < 40; time += 1) {
      expect(await refusalOf(() => sessions.login(given))).toEqual({ code: 'invalid', detail })
    }
    expect((await login()).user.id).toBe(1)
  })

  it('works in any spelling of the name, and only with the exact password', async () => {
    const { sessions, users } = await openSessions()
    await users.create({ username: 'Zoë', password: ' é ', role: 'client' })
    const login = (username: string, password: string) =>
      sessions.login({ username, password, address: '192.0.2.1' })
    expect((await login('ZOE\u0308', ' é ')).user.username).toBe('Zoë')
    expect(await refusalOf(() => login('Zoë', 'é'))).toEqual(WRONG)
    expect(await refusalOf(() => login('Zoë', ' e\u0301 '))).toEqual(WRONG)
  })

  it('renews a hash that was made at another cost', async () => {
    const folder = temporaryFolder()
    const hashIn = () => /\$argon2id\$v=19\$m=(\d+),t=(\d+)/g
    const first = await openTemporary({ folder })
    await first.accounts.close()
    const second = await openTemporary({ folder, hashing: { memoryCost: 128, timeCost: 3 } })
    await second.accounts.sessions.login(ADMIN)
    await second.accounts.close()
    const file = readFileSync(join(folder, 'accounts.db'), 'latin1')
    expect([...file.matchAll(hashIn())].map(([, m, t]) => [m, t])).toEqual([['128', '3']])
    const third = await openTemporary({ folder, hashing: CHEAP })
    expect((await third.accounts.sessions.login(ADMIN)).user.id).toBe(1)
  })

  it('that is only asked for opens no session and notes no log-in', async () => {
    const { sessions, users } = await openSessions()
    const user = await sessions.authenticate(ADMIN)
    expect(user).toEqual(await users.get(1))
    expect(user.lastLogin).toBeNull()
  })

  it('is throttled after ten failures, also with the right password, until five minutes have passed', async () => {
    const { sessions, login, clock } = await openSessions()
    await login()
    for (let time = 0; time < 10; time += 1) {
      await refusalOf(() => sessions.login({ ...ADMIN, password: 'wrong' }))
    }
    expect(await refusalOf(login)).toEqual({
      code: 'too-many',
      detail: 'Too many failed log-ins. Try again in 300 seconds.',
      retryAfterSeconds: 300,
    })
    const elsewhere = await sessions.login({ ...ADMIN, address: '192.0.2.99' })
    expect(elsewhere.user.id).toBe(1)
    clock.advance(5 * MINUTE)
    expect((await login()).user.id).toBe(1)
  })

  it('tried a hundred times at once fails ten times, the others are refused', async () => {
    const { sessions } = await openSessions()
    const codes = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const refusal = await refusalOf(() =>
          sessions.login({ ...ADMIN, password: `guess ${index}` }),
        )
        return refusal.code
      }),
    )
    expect(codes.filter((code) => code === 'unauthenticated')).toHaveLength(10)
    expect(codes.filter((code) => code === 'too-many')).toHaveLength(90)
  })

  it('that is right is not throttled, thirty at once', async () => {
    const { login } = await openSessions()
    const logins = await Promise.all(Array.from({ length: 30 }, login))
    expect(new Set(logins.map(({ sessionId }) => sessionId)).size).toBe(30)
  })

  it('ends the oldest session of a user beyond a thousand', async () => {
    const { sessions, folder, login, clock, told } = await openSessions()
    const first = await login()
    const db = openDatabase(join(folder, 'accounts.db'))
    db.run(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 998)
       INSERT INTO session(key, user_id, created_at, expires_at)
       SELECT 'key ' || i, 1, ?, ? FROM n`,
      [START + 1, START + HOUR],
    )
    db.close()
    clock.advance(2)
    const thousandth = await login()
    expect(told).toEqual([])
    await login()
    expect(told).toEqual([{ kind: 'session', sessionKey: sidOf(first) }])
    expect(await sessions.byCookie(first.sessionId)).toBeNull()
    expect(await sessions.byCookie(thousandth.sessionId)).not.toBeNull()
  })

  it('that a password change overtakes opens no session', async () => {
    const { sessions, users, login } = await openSessions()
    // The change is made between the check of the old password and the session.
    const slow = login()
    const change = users.update(1, { password: 'another one' })
    const [attempt] = await Promise.allSettled([slow, change])
    const cookie = attempt?.status === 'fulfilled' ? attempt.value.sessionId : 'refused'
    expect(await sessions.byCookie(cookie)).toBeNull()
  })
})
