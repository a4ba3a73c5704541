import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { HOUR } from '../points/instant.ts'
import { openDatabase } from './open-database.ts'
import { ADMIN, callerOf, openSessions, refusalOf, START, WRONG } from './testing.ts'

/** One of each credential of one account. */
const setUp = async () => {
  const opened = await openSessions()
  const { accounts, login } = opened
  await accounts.users.create({
    username: 'ann',
    password: 'pass word',
    role: 'client',
    logger: true,
  })
  const ann = { username: 'ann', password: 'pass word', address: ADMIN.address }
  const [web, speedlog, door, ingest] = [
    await accounts.sessions.login(ann),
    await accounts.speedlog.login(ann),
    await accounts.doorSessions.login(ann),
    await accounts.tokens.create({ name: 'agent' }),
  ]
  const credentials = {
    cookie: web.sessionId,
    jwt: web.accessToken,
    ticket: accounts.sessions.issueTicket(callerOf(await accounts.sessions.byCookie(web.sessionId)))
      .ticket,
    speedlog: speedlog.token,
    hash: door.hash,
    logger: createHash('md5').update('annpass word').digest('hex'),
    ingest: ingest.token,
  }
  return { ...opened, ann, login, web, speedlog, door, credentials }
}

describe('a credential', () => {
  it('opens its own surface and no other', async () => {
    const { accounts, credentials } = await setUp()
    const { sessions, speedlog, doorSessions, tokens, logger } = accounts
    const surfaces: Record<string, (value: string) => Promise<unknown>> = {
      '/api by bearer': sessions.byBearer,
      '/api by cookie': sessions.byCookie,
      'the socket': sessions.redeemTicket,
      '/private': speedlog.byBearer,
      '/cpu': doorSessions.verify,
      push: tokens.verify,
      '/send_logs': (token) =>
        logger.verify({ username: 'ann', token, address: '192.0.2.200' }).catch(() => null),
    }
    const opened: string[] = []
    for (const [surface, ask] of Object.entries(surfaces)) {
      for (const [name, value] of Object.entries(credentials)) {
        if ((await ask(value)) !== null) opened.push(`${name} opens ${surface}`)
      }
    }
    expect(opened).toEqual([
      'jwt opens /api by bearer',
      'cookie opens /api by cookie',
      'ticket opens the socket',
      // the page sends its own token there
      'jwt opens /private',
      'speedlog opens /private',
      'hash opens /cpu',
      'ingest opens push',
      'logger opens /send_logs',
    ])
  })

  it('of Speedlog gives no ticket for the socket', async () => {
    const { accounts, credentials } = await setUp()
    const caller = callerOf(await accounts.speedlog.byBearer(credentials.speedlog))
    const { ticket } = accounts.sessions.issueTicket(caller)
    expect(await accounts.sessions.redeemTicket(ticket)).toBeNull()
  })

  it('of no kind is in the file, nor a password', async () => {
    const { folder, credentials, accounts, ann } = await setUp()
    await accounts.doorSessions.verify(credentials.hash)
    await accounts.sessions.authenticate(ann)
    const secrets = {
      ...credentials,
      'hash without dashes': credentials.hash.replaceAll('-', ''),
      'token without its mark': credentials.ingest.slice(3),
      password: ann.password,
      'password of the admin': ADMIN.password,
    }
    const files = readdirSync(folder).filter((name) => name.startsWith('accounts.db'))
    expect(files).toContain('accounts.db-wal')
    const bytes = Buffer.concat(files.map((name) => readFileSync(join(folder, name))))
    expect(bytes.includes('ann')).toBe(true)
    const forms = (secret: string) => {
      const bare = secret.replaceAll('-', '')
      const texts = [secret, secret.toUpperCase()].map((text) => Buffer.from(text))
      return /^[0-9a-f]{32}$/.test(bare) ? [...texts, Buffer.from(bare, 'hex')] : texts
    }
    const found = Object.entries(secrets).filter(([, secret]) =>
      forms(secret).some((form) => bytes.includes(form)),
    )
    expect(found.map(([name]) => name)).toEqual([])
  })
})

describe('a token of Speedlog', () => {
  it('says who, for as long as any token', async () => {
    const { accounts, speedlog, clock } = await setUp()
    const user = { id: 2, username: 'ann', role: 'client', createdAt: START, lastLogin: START }
    expect(speedlog).toEqual({
      user,
      token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      expiresInSeconds: 86_400,
    })
    expect(await accounts.speedlog.byBearer(speedlog.token)).toEqual({
      user,
      sessionKey: expect.any(String),
      expiresAt: START + 24 * HOUR,
    })
    clock.advance(24 * HOUR)
    expect(await accounts.speedlog.byBearer(speedlog.token)).toBeNull()
  })

  it('ends with the password, the account, or its session', async () => {
    const { accounts, ann, credentials } = await setUp()
    const { speedlog, users, sessions } = accounts
    await users.update(2, { password: 'new' })
    expect(await speedlog.byBearer(credentials.speedlog)).toBeNull()
    expect(await speedlog.byBearer(credentials.jwt)).toBeNull()
    const { token } = await speedlog.login({ ...ann, password: 'new' })
    const caller = await speedlog.byBearer(token)
    if (caller === null) throw new Error('Nobody.')
    await sessions.logout(caller)
    expect(await speedlog.byBearer(token)).toBeNull()
    const last = await speedlog.login({ ...ann, password: 'new' })
    await users.remove(2)
    expect(await speedlog.byBearer(last.token)).toBeNull()
  })

  it.each(['', 'x', 'a.b.c', 'Bearer x'])('is not %j', async (token) => {
    const { accounts } = await setUp()
    expect(await accounts.speedlog.byBearer(token)).toBeNull()
  })

  it('is not given for a wrong password', async () => {
    const { accounts, ann } = await setUp()
    expect(await refusalOf(() => accounts.speedlog.login({ ...ann, password: 'x' }))).toEqual(WRONG)
  })

  it('made in great number ends no log-in of the page', async () => {
    const { accounts, folder, clock, web, ann, credentials } = await setUp()
    const db = openDatabase(join(folder, 'accounts.db'))
    db.run(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
       INSERT INTO session(key, surface, user_id, created_at, expires_at)
       SELECT 'key ' || i, 'speedlog', 2, ?, ? FROM n`,
      [START + 1, START + HOUR],
    )
    db.close()
    clock.advance(2)
    await accounts.speedlog.login(ann)
    expect(await accounts.speedlog.byBearer(credentials.speedlog)).toBeNull()
    expect(await accounts.sessions.byCookie(web.sessionId)).not.toBeNull()
  })
})
