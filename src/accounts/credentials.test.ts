import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { MINUTE } from '../points/instant.ts'
import { createCredentials } from './credentials.ts'
import { createGate } from './gate.ts'
import { openDatabase } from './open-database.ts'
import { createThrottle } from './throttle.ts'
import { createFakeClock, refusalOf, temporaryFolder } from './testing.ts'
import { systemRandom } from './random.ts'
import { createVerifiedSecrets } from './verified-secrets.ts'

const setUp = (verify: (hashed: string | null, secret: string) => boolean) => {
  const clock = createFakeClock()
  const db = openDatabase(join(temporaryFolder(), 'accounts.db'))
  onTestFinished(() => db.close())
  db.run(
    `INSERT INTO user(username, name_key, password_hash, logger_name, logger_hash, role, created_at)
     VALUES ('ann', 'ann', 'hash of ann', 'ann', 'logger hash of ann', 'client', 0)`,
  )
  const asked: (string | null)[] = []
  const gate = createGate({ atOnce: 2, waiting: 200 })
  let entered = 0
  const credentials = createCredentials({
    db,
    gate: {
      run: (work) => {
        entered += 1
        return gate.run(work)
      },
    },
    throttle: createThrottle(clock),
    verified: createVerifiedSecrets(clock, systemRandom),
    passwords: {
      hash: async () => 'new hash',
      verify: async (hashed, secret) => {
        asked.push(hashed)
        return verify(hashed, secret)
      },
      isOutdated: () => false,
    },
  })
  const check = (username: string) =>
    credentials.check({ username, password: 'secret', address: '192.0.2.1' })
  const recheck = (password = 'secret', address = '192.0.2.1') =>
    credentials.recheck({ username: 'ann', password, address })
  const recheckLogger = (token: string, username = 'ann') =>
    credentials.recheckLogger({ username, token, address: '192.0.2.1' })
  return { db, clock, asked, check, recheck, recheckLogger, entered: () => entered }
}

it('does one verification whoever is asked for, so that the time does not tell', async () => {
  const { check, asked, db } = setUp(() => false)
  db.run(
    `INSERT INTO user(username, name_key, role, created_at, removed_at) VALUES ('gone', 'gone', 'client', 0, 1)`,
  )
  for (const name of ['ann', 'nobody', 'gone', '', 'a:b', 'n'.repeat(1_000_000)]) {
    expect((await refusalOf(() => check(name))).code).toBe('unauthenticated')
  }
  expect(asked).toEqual(['hash of ann', null, null, null, null, null])
})

it('does no verification for what is throttled, and takes no place in the line for one', async () => {
  const { check, asked, entered } = setUp(() => false)
  for (let time = 0; time < 20; time += 1) await refusalOf(() => check('ann'))
  expect([asked.length, entered()]).toEqual([10, 10])
})

it('lets nobody in by the hash that stands for nobody', async () => {
  const { check } = setUp(() => true)
  expect((await check('ann')).id).toBe(1)
  expect((await refusalOf(() => check('nobody'))).code).toBe('unauthenticated')
})

it('does not count a check that could not be made', async () => {
  let broken = true
  const { check } = setUp(() => {
    if (broken) throw new Error('no thread')
    return true
  })
  for (let time = 0; time < 20; time += 1) await expect(check('ann')).rejects.toThrow('no thread')
  broken = false
  expect((await check('ann')).username).toBe('ann')
})

describe('a secret that comes with every request', () => {
  const isSecret = (_: string | null, secret: string) => secret === 'secret'

  it('is hashed once in five minutes', async () => {
    const { recheck, asked, clock } = setUp(isSecret)
    const hashesAfter = async (ms: number) => {
      clock.advance(ms)
      expect((await recheck()).username).toBe('ann')
      return asked.length
    }
    expect(await hashesAfter(0)).toBe(1)
    expect(await hashesAfter(5 * MINUTE - 1)).toBe(1)
    expect(await hashesAfter(1)).toBe(2)
  })

  it('is known from every address, in the exact spelling only, and only as what it is', async () => {
    const { recheck, recheckLogger, asked } = setUp(isSecret)
    await recheck()
    await recheck('secret', '198.51.100.1')
    expect(asked).toEqual(['hash of ann'])
    for (const wrong of ['Secret', 'secret ', '', 'secret\ud800']) {
      expect((await refusalOf(() => recheck(wrong))).code).toBe('unauthenticated')
    }
    await recheckLogger('secret')
    expect(asked.at(-1)).toBe('logger hash of ann')
  })

  it.each([
    ['a password', `UPDATE user SET password_hash = 'new', epoch = epoch + 1`],
    ['a role', `UPDATE user SET role = 'viewer', epoch = epoch + 1`],
  ])('is hashed again at once after a change of %s', async (_what, change) => {
    const { recheck, asked, db } = setUp(isSecret)
    await recheck()
    db.run(change)
    await recheck()
    expect(asked).toHaveLength(2)
  })

  it('opens nothing once the account is removed', async () => {
    const { recheck, asked, db } = setUp(isSecret)
    await recheck()
    db.run(`UPDATE user SET removed_at = 1, epoch = epoch + 1`)
    expect((await refusalOf(recheck)).code).toBe('unauthenticated')
    expect(asked).toEqual(['hash of ann', null])
  })

  it('is not remembered where it was wrong, and each time counts', async () => {
    const { recheck, asked } = setUp(() => false)
    const codes: string[] = []
    for (let time = 0; time < 12; time += 1) codes.push((await refusalOf(recheck)).code)
    expect(codes).toEqual([
      ...Array.from({ length: 10 }, () => 'unauthenticated'),
      'too-many',
      'too-many',
    ])
    expect(asked).toHaveLength(10)
  })

  it('that is known is refused too while its account is blocked, so that no guess is told to be right', async () => {
    const { recheck } = setUp(isSecret)
    await recheck()
    for (let time = 0; time < 10; time += 1) await refusalOf(() => recheck(`guess ${time}`))
    expect((await refusalOf(recheck)).code).toBe('too-many')
    expect((await recheck('secret', '198.51.100.1')).username).toBe('ann')
  })

  it('is hashed once for sixty-four at once', async () => {
    const { recheck, asked } = setUp(isSecret)
    const all = await Promise.all(Array.from({ length: 64 }, () => recheck()))
    expect(all.map(({ id }) => id)).toEqual(Array.from({ length: 64 }, () => 1))
    expect(asked).toHaveLength(1)
  })

  it('that is wrong fails ten times of sixty-four at once', async () => {
    const { recheck } = setUp(() => false)
    const all = await Promise.all(Array.from({ length: 64 }, () => refusalOf(() => recheck())))
    expect(all.filter(({ code }) => code === 'unauthenticated')).toHaveLength(10)
    expect(all.filter(({ code }) => code === 'too-many')).toHaveLength(54)
  })

  it('of LoggerBot takes one verification whoever is asked for', async () => {
    const { recheckLogger, asked, db } = setUp(() => false)
    db.run(
      `INSERT INTO user(username, name_key, password_hash, role, created_at) VALUES ('plain', 'plain', 'hash', 'client', 0)`,
    )
    for (const name of ['ann', 'nobody', 'plain', 'a:b']) {
      expect(await refusalOf(() => recheckLogger('x'.repeat(32), name))).toEqual({
        code: 'unauthenticated',
        detail: 'Invalid username or password',
      })
    }
    expect(asked).toEqual(['logger hash of ann', null, null, null])
  })
})
