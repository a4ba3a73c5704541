import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Revocation } from './accounts.ts'
import { openDatabase } from './open-database.ts'
import { join } from 'node:path'
import { ADMIN, openTemporary, temporaryFolder } from './testing.ts'

const run = promisify(execFile)

/** Runs `work` on the accounts of a folder in a process of its own, as the CLI does. */
const inOtherProcess = async (folder: string, work: string): Promise<void> => {
  const here = (file: string) => JSON.stringify(new URL(file, import.meta.url).href)
  const program = `
    import { openAccounts } from ${here('./open-accounts.ts')}
    import { systemClock } from ${here('../points/clock.ts')}
    const { accounts } = await openAccounts({
      folder: ${JSON.stringify(folder)}, clock: systemClock, adminUsername: 'admin', jwtExpireHours: 24,
    })
    ${work}
    await accounts.close()
  `
  await run(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program])
}

const setUp = async (options: Parameters<typeof openTemporary>[0] = {}) => {
  const folder = temporaryFolder()
  const opened = await openTemporary({ ...options, folder })
  const { users, sessions } = opened.accounts
  const ann = await users.create({ username: 'ann', password: 'x', role: 'viewer' })
  const anns = await sessions.login({ username: 'ann', password: 'x', address: ADMIN.address })
  const admins = await sessions.login(ADMIN)
  const key = (await sessions.byBearer(anns.accessToken))?.sessionKey
  const told: Revocation[] = []
  sessions.onRevoked((revocation) => told.push(revocation))
  return { ...opened, users, sessions, ann, anns, admins, key, told }
}

describe('what another process does', () => {
  it('to a password ends the sessions here, by the timer of the server', async () => {
    // The real timer; everything else waits for events.
    const timers = new Set<() => void>()
    const { folder, sessions, anns, admins, key } = await setUp({
      every: (ms, work) => {
        expect(ms).toBeLessThanOrEqual(2_000)
        const timer = setInterval(work, 10)
        timers.add(() => clearInterval(timer))
        return () => clearInterval(timer)
      },
    })
    const ended = new Promise<Revocation>((resolve) => sessions.onRevoked(resolve))
    await inOtherProcess(folder, `await accounts.users.update(2, { password: 'changed' })`)
    expect(await ended).toEqual({ kind: 'session', sessionKey: key })
    timers.forEach((stop) => stop())
    expect(await sessions.byCookie(anns.sessionId)).toBeNull()
    expect(await sessions.byBearer(admins.accessToken)).not.toBeNull()
  })

  it.each([
    ['a password', `await accounts.users.update(2, { password: 'changed' })`],
    ['a role', `await accounts.users.update(2, { role: 'client' })`],
    ['the account', `await accounts.users.remove(2)`],
    ['the account and its name', `await accounts.users.remove(2, { forget: true })`],
  ])('to %s is seen by the next request, without waiting for the poll', async (_what, work) => {
    const { folder, sessions, anns, admins, poll, told, key } = await setUp()
    await inOtherProcess(folder, work)
    expect(await sessions.byBearer(anns.accessToken)).toBeNull()
    expect(await sessions.byBearer(admins.accessToken)).not.toBeNull()
    poll()
    poll()
    expect(told).toEqual([{ kind: 'session', sessionKey: key }])
  })

  it('is told apart from what happens here: nothing twice, nothing lost', async () => {
    const { folder, sessions, admins, poll, told, key } = await setUp()
    const admin = await sessions.byBearer(admins.accessToken)
    if (admin === null) throw new Error('Nobody.')
    await inOtherProcess(folder, `await accounts.users.update(2, { password: 'changed' })`)
    await sessions.logout(admin)
    poll()
    expect(told).toHaveLength(2)
    expect(told).toEqual(
      expect.arrayContaining([
        { kind: 'session', sessionKey: key },
        { kind: 'session', sessionKey: admin.sessionKey },
      ]),
    )
  })

  it('by hand in the file is noticed too', async () => {
    const { folder, sessions, anns, poll, told, key } = await setUp()
    const db = openDatabase(join(folder, 'accounts.db'))
    db.run('DELETE FROM session WHERE user_id = 2')
    db.close()
    poll()
    expect(told).toEqual([{ kind: 'session', sessionKey: key }])
    expect(await sessions.byCookie(anns.sessionId)).toBeNull()
  })

  it('that ends no session tells nothing', async () => {
    const { folder, accounts, users, poll, told } = await setUp()
    await inOtherProcess(
      folder,
      `await accounts.users.create({ username: 'ben', password: 'y', role: 'client' })
       await accounts.facts.set('a', 'b')`,
    )
    poll()
    expect(told).toEqual([])
    expect((await users.find('ben'))?.role).toBe('client')
    expect(accounts.facts.get('a')).toBe('b')
  })

  it('to the same name at once makes one account', async () => {
    const { folder, users } = await setUp()
    const create = `accounts.users.create({ username: 'ben', password: 'y', role: 'client' })`
    const results = await Promise.allSettled([
      inOtherProcess(folder, `await ${create}`),
      inOtherProcess(folder, `await ${create}`),
    ])
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect((await users.list()).map(({ username }) => username)).toEqual(['admin', 'ann', 'ben'])
  })

  it('while it holds the file is waited for, not failed at', async () => {
    const { folder, users } = await setUp()
    await Promise.all([
      inOtherProcess(
        folder,
        `for (let n = 0; n < 100; n += 1) await accounts.facts.set('other ' + n, 'x')`,
      ),
      (async () => {
        for (let n = 0; n < 50; n += 1) {
          await users.create({ username: `here ${n}`, password: 'x', role: 'client' })
        }
      })(),
    ])
    expect(await users.list()).toHaveLength(52)
  })

  it.each([
    ['a password', `await accounts.users.update(2, { password: 'changed' })`],
    ['a role', `await accounts.users.update(2, { role: 'client' })`],
    ['the account', `await accounts.users.remove(2)`],
    ['the account and its name', `await accounts.users.remove(2, { forget: true })`],
  ])('to %s ends what was known of it here, at every surface', async (_what, work) => {
    const { folder, accounts } = await setUp()
    const ann = { username: 'ann', password: 'x', address: ADMIN.address }
    const { hash } = await accounts.doorSessions.login(ann)
    const { token } = await accounts.speedlog.login(ann)
    const open = async () => [
      (await accounts.doorSessions.verify(hash)) !== null,
      (await accounts.speedlog.byBearer(token)) !== null,
      await accounts.sessions.authenticate(ann).then(
        ({ role }) => role,
        () => 'refused',
      ),
    ]
    expect(await open()).toEqual([true, true, 'viewer'])
    await inOtherProcess(folder, work)
    // a role leaves the password as it is
    expect(await open()).toEqual([false, false, work.includes('role') ? 'client' : 'refused'])
  })

  it('to the password of a LoggerBot user is followed here', async () => {
    const { folder, accounts } = await setUp()
    const { logger } = accounts
    await logger.createUser({ username: 'bot', password: 'x' })
    const md5 = (text: string) => createHash('md5').update(text).digest('hex')
    const open = (password: string) =>
      logger.verify({ username: 'bot', token: md5(`bot${password}`), address: ADMIN.address }).then(
        () => true,
        () => false,
      )
    expect([await open('x'), await open('changed')]).toEqual([true, false])
    await inOtherProcess(
      folder,
      `await accounts.users.update(3, { password: 'changed' })
       await accounts.users.create({ username: 'bot 2', password: 'y', role: 'client', logger: true })`,
    )
    expect([await open('x'), await open('changed')]).toEqual([false, true])
    const token = md5('bot 2y')
    expect((await logger.verify({ username: 'bot 2', token, address: ADMIN.address })).id).toBe(4)
  })

  it('to projects and tokens is seen by the next request', async () => {
    const { folder, accounts } = await setUp()
    const { projects, tokens } = accounts
    await projects.create({ title: 'shop', ownerId: 1 })
    await tokens.create({ name: 'kept' })
    const { token } = await tokens.create({ name: 'page', project: 'shop' })
    const other = await tokens.create({ name: 'other' })
    const seen = async () => [
      (await projects.find('shop'))?.title,
      (await projects.find('blog'))?.tokenRequired,
      (await tokens.verify(token))?.project,
      (await tokens.verify(other.token))?.name,
    ]
    expect(await seen()).toEqual(['shop', undefined, 'shop', 'other'])
    await inOtherProcess(
      folder,
      `await accounts.projects.create({ title: 'blog', ownerId: 1, tokenRequired: true })
       await accounts.projects.remove(1)
       const { id } = (await accounts.tokens.list()).find(({ name }) => name === 'other')
       await accounts.tokens.remove(id)`,
    )
    expect(await seen()).toEqual([undefined, true, undefined, undefined])
  })
})
