import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createCredentials } from './credentials.ts'
import { createGate } from './gate.ts'
import { openDatabase } from './open-database.ts'
import { createThrottle } from './throttle.ts'
import { createFakeClock, refusalOf, temporaryFolder } from './testing.ts'

const setUp = (verify: (hashed: string | null) => boolean) => {
  const db = openDatabase(join(temporaryFolder(), 'accounts.db'))
  onTestFinished(() => db.close())
  db.run(
    `INSERT INTO user(username, name_key, password_hash, role, created_at)
     VALUES ('ann', 'ann', 'hash of ann', 'client', 0)`,
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
    throttle: createThrottle(createFakeClock()),
    passwords: {
      hash: async () => 'new hash',
      verify: async (hashed) => {
        asked.push(hashed)
        return verify(hashed)
      },
      isOutdated: () => false,
    },
  })
  const check = (username: string) =>
    credentials.check({ username, password: 'secret', address: '192.0.2.1' })
  return { db, asked, check, entered: () => entered }
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
