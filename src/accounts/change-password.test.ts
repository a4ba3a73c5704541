import { describe, expect, it } from 'vitest'
import { ADMIN, callerOf, openSessions, refusalOf, WRONG } from './testing.ts'

describe('a change of password', () => {
  const next = 'another password'
  const change = (current: string, address = ADMIN.address) => ({ current, next, address })

  it('ends every other session of that user, and the old password', async () => {
    const { sessions, users, login, told } = await openSessions()
    await users.create({ username: 'ann', password: 'x', role: 'viewer' })
    const [mine, other] = [await login(), await login()]
    const anns = await sessions.login({ username: 'ann', password: 'x', address: '192.0.2.1' })
    const caller = callerOf(await sessions.byBearer(mine.accessToken))
    await sessions.changePassword(caller, change(ADMIN.password))
    expect(told).toEqual([{ kind: 'user', userId: 1, exceptSession: caller.sessionKey }])
    expect(await sessions.byBearer(other.accessToken)).toBeNull()
    expect(await sessions.byCookie(other.sessionId)).toBeNull()
    expect(callerOf(await sessions.byBearer(mine.accessToken)).user.id).toBe(1)
    expect(callerOf(await sessions.byCookie(anns.sessionId)).user.username).toBe('ann')
    expect(await refusalOf(login)).toEqual(WRONG)
    expect((await sessions.login({ ...ADMIN, password: next })).user.id).toBe(1)
    expect(told).toHaveLength(1)
  })

  it.each([
    [{ next: '1234567' }, 'new_password must be 8 to 1024 characters long'],
    [{ next: 'x'.repeat(1025) }, 'new_password must be 8 to 1024 characters long'],
    [{ next: true }, 'new_password must be a string'],
    [{ next: { a: 1 } }, 'new_password must be a string'],
    [{ current: true }, 'current_password must be a string'],
    [{ current: 'wrong' }, 'Current password is incorrect'],
    [{ current: '' }, 'Current password is incorrect'],
  ])('with %j changes nothing', async (odd, detail) => {
    const { sessions, login } = await openSessions()
    const mine = await login()
    const caller = callerOf(await sessions.byBearer(mine.accessToken))
    const given = { ...change(ADMIN.password), ...odd } as ReturnType<typeof change>
    expect(await refusalOf(() => sessions.changePassword(caller, given))).toEqual({
      code: 'invalid',
      detail,
    })
    expect((await login()).user.id).toBe(1)
  })

  it('counts wrong passwords together with log-ins', async () => {
    const { sessions, login } = await openSessions()
    const caller = callerOf(await sessions.byBearer((await login()).accessToken))
    for (let time = 0; time < 10; time += 1) {
      await refusalOf(() => sessions.changePassword(caller, change('wrong')))
    }
    const refusals = [
      await refusalOf(() => sessions.changePassword(caller, change(ADMIN.password))),
      await refusalOf(login),
    ]
    expect(refusals.map(({ code }) => code)).toEqual(['too-many', 'too-many'])
  })

  it('by a session that ended meanwhile is refused', async () => {
    const { sessions, login } = await openSessions()
    const caller = callerOf(await sessions.byBearer((await login()).accessToken))
    const attempt = sessions.changePassword(caller, change(ADMIN.password))
    await sessions.logout(caller)
    expect(await refusalOf(() => attempt)).toEqual({
      code: 'unauthenticated',
      detail: 'Could not validate credentials',
    })
    expect((await login()).user.id).toBe(1)
  })

  it('made twice at once is made once', async () => {
    const { sessions, login } = await openSessions()
    const caller = callerOf(await sessions.byBearer((await login()).accessToken))
    const results = await Promise.allSettled([
      sessions.changePassword(caller, change(ADMIN.password)),
      sessions.changePassword(caller, { ...change(ADMIN.password), next: 'the second one' }),
    ])
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })
})
