import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { HOUR, instant, MINUTE, SECOND } from '../points/instant.ts'
import type { Caller } from './accounts.ts'
import { createJwt } from './jwt.ts'
import { systemRandom } from './random.ts'
import {
  ADMIN,
  callerOf,
  openSessions,
  openTemporary,
  refusalOf,
  sidOf,
  START,
  temporaryFolder,
} from './testing.ts'

describe('a session', () => {
  it('ends with its token, whether it is used or not', async () => {
    const { sessions, login, clock } = await openSessions({ jwtExpireHours: 2 })
    const opened = await login()
    expect(opened.expiresInSeconds).toBe(7_200)
    for (let quarter = 1; quarter < 8; quarter += 1) {
      clock.advance(15 * MINUTE)
      const caller = callerOf(await sessions.byCookie(opened.sessionId))
      expect(caller.expiresAt).toBe(START + 2 * HOUR)
    }
    clock.advance(15 * MINUTE - 1)
    expect(await sessions.byCookie(opened.sessionId)).not.toBeNull()
    expect(await sessions.byBearer(opened.accessToken)).not.toBeNull()
    clock.advance(1)
    expect(await sessions.byCookie(opened.sessionId)).toBeNull()
    expect(await sessions.byBearer(opened.accessToken)).toBeNull()
  })

  it('that has expired is deleted in passing, and told', async () => {
    const { poll, login, clock, told } = await openSessions()
    const opened = await login()
    poll()
    clock.advance(24 * HOUR)
    poll()
    expect(told).toEqual([{ kind: 'session', sessionKey: sidOf(opened) }])
  })

  it('is stored as a hash only: its id, token and the passwords are in no file', async () => {
    const { accounts, sessions, folder, login } = await openSessions()
    const opened = await login()
    callerOf(await sessions.byCookie(opened.sessionId))
    const caller = callerOf(await sessions.byBearer(opened.accessToken))
    const { ticket } = sessions.issueTicket(caller)
    const { token } = await accounts.tokens.create({ name: 'agent' })
    const secrets = [opened.sessionId, opened.accessToken, ADMIN.password, ticket, token]
    const found = () => {
      const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'))
      return [...secrets, sidOf(opened)].map((secret) =>
        files.some((file) => file.includes(secret)),
      )
    }
    expect(found()).toEqual([false, false, false, false, false, true])
    await accounts.close()
    expect(found()).toEqual([false, false, false, false, false, true])
  })

  it('cannot be had by its key, which is in the token', async () => {
    const { sessions, login } = await openSessions()
    expect(await sessions.byCookie(sidOf(await login()))).toBeNull()
  })

  it('is not had by a token that names it and another user', async () => {
    const secret = 'x'.repeat(32)
    const { sessions, users, login, clock } = await openSessions({ jwtSecret: secret })
    const ann = await users.create({ username: 'ann', password: 'x', role: 'client' })
    const jwt = createJwt({ secret, audience: 'perfwatch', clock, random: systemRandom })
    const sessionKey = sidOf(await login())
    const token = (userId: number) =>
      jwt.sign({ userId, sessionKey, expiresAt: instant(START + HOUR) })
    expect((await sessions.byBearer(await token(1)))?.user.id).toBe(1)
    expect(await sessions.byBearer(await token(ann.id))).toBeNull()
  })

  it.each(['', 'x', 'x'.repeat(101), '\u0000', "' OR 1=1 --", '😀'])(
    'is not that of cookie %j',
    async (cookie) => {
      const { sessions, login } = await openSessions()
      await login()
      expect(await sessions.byCookie(cookie)).toBeNull()
      expect(await sessions.byBearer(cookie)).toBeNull()
      expect(await sessions.redeemTicket(cookie)).toBeNull()
    },
  )

  it('outlives the server, with the secret that it made', async () => {
    const folder = temporaryFolder()
    const first = await openTemporary({ folder })
    const opened = await first.accounts.sessions.login(ADMIN)
    await first.accounts.close()
    const second = await openTemporary({ folder })
    const { sessions } = second.accounts
    expect(callerOf(await sessions.byBearer(opened.accessToken)).user.id).toBe(1)
    expect(callerOf(await sessions.byCookie(opened.sessionId)).user.id).toBe(1)
  })

  it('says that the accounts are closed rather than who it is', async () => {
    const { accounts, sessions, login } = await openSessions()
    const opened = await login()
    callerOf(await sessions.byBearer(opened.accessToken))
    await accounts.close()
    expect((await refusalOf(() => sessions.byBearer(opened.accessToken))).code).toBe('unavailable')
    expect((await refusalOf(login)).code).toBe('unavailable')
  })
})

describe('a log-out', () => {
  it('ends the session, its token and tickets at once, and no other', async () => {
    const { sessions, login, told } = await openSessions()
    const [one, two] = [await login(), await login()]
    const caller = callerOf(await sessions.byBearer(one.accessToken))
    const { ticket } = sessions.issueTicket(caller)
    await sessions.logout(caller)
    expect(told).toEqual([{ kind: 'session', sessionKey: caller.sessionKey }])
    expect(await sessions.byBearer(one.accessToken)).toBeNull()
    expect(await sessions.byCookie(one.sessionId)).toBeNull()
    expect(await sessions.redeemTicket(ticket)).toBeNull()
    expect(await sessions.byBearer(two.accessToken)).not.toBeNull()
    await sessions.logout(caller)
    expect(told).toHaveLength(1)
  })

  it('is told to every listener, also when one of them fails', async () => {
    const { sessions, login, told, problems } = await openSessions()
    sessions.onRevoked(() => {
      throw new Error('broken')
    })
    const late: unknown[] = []
    const stop = sessions.onRevoked((revocation) => late.push(revocation))
    const logOut = async () => {
      const { accessToken } = await login()
      await sessions.logout(callerOf(await sessions.byBearer(accessToken)))
    }
    await logOut()
    stop()
    await logOut()
    expect([told.length, late.length]).toEqual([2, 1])
    expect(problems).toEqual([
      'A listener of ended sessions failed.',
      'A listener of ended sessions failed.',
    ])
  })

  it('is over when it is told: a listener that asks gets the new state', async () => {
    const { sessions, login } = await openSessions()
    const opened = await login()
    const caller = callerOf(await sessions.byCookie(opened.sessionId))
    const answers: Promise<Caller | null>[] = []
    sessions.onRevoked(() => answers.push(sessions.byCookie(opened.sessionId)))
    await sessions.logout(caller)
    expect(await Promise.all(answers)).toEqual([null])
  })
})

describe('a ticket', () => {
  it('is good once, for the session that asked', async () => {
    const { sessions, login } = await openSessions()
    const caller = callerOf(await sessions.byBearer((await login()).accessToken))
    const issued = sessions.issueTicket(caller)
    expect(issued).toEqual({ ticket: expect.stringMatching(/^[\w-]{32}$/), expiresInSeconds: 30 })
    expect(await sessions.redeemTicket(issued.ticket)).toEqual(caller)
    expect(await sessions.redeemTicket(issued.ticket)).toBeNull()
  })

  it('is good for 30 seconds', async () => {
    const { sessions, login, clock } = await openSessions()
    const caller = callerOf(await sessions.byBearer((await login()).accessToken))
    const [early, late] = [sessions.issueTicket(caller), sessions.issueTicket(caller)]
    clock.advance(30 * SECOND - 1)
    expect(await sessions.redeemTicket(early.ticket)).toEqual(caller)
    clock.advance(1)
    expect(await sessions.redeemTicket(late.ticket)).toBeNull()
  })
})
