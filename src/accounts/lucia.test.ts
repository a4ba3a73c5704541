import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { HOUR } from '../points/instant.ts'
import { createForeignChanges } from './foreign-changes.ts'
import { createSessionIds, sessionKeyOf } from './lucia.ts'
import { openDatabase } from './open-database.ts'
import { createRevocations } from './revocations.ts'
import { createSessions } from './session-store.ts'
import { createFakeClock, refusalOf, START, temporaryFolder } from './testing.ts'

/** A user with id 1 and epoch 0, sessions of two hours, and a clock that is far from the wall clock. */
const setUp = () => {
  const db = openDatabase(join(temporaryFolder(), 'accounts.db'))
  onTestFinished(() => db.close())
  db.run(
    `INSERT INTO user(username, name_key, password_hash, role, created_at)
     VALUES ('ann', 'ann', 'x', 'client', 0)`,
  )
  const clock = createFakeClock()
  const sessions = createSessions({
    db,
    clock,
    changes: createForeignChanges(db),
    revocations: createRevocations(db, () => {}),
  })
  const ids = createSessionIds({ sessions, clock, expireMs: 2 * HOUR })
  const rows = () => db.all('SELECT key, user_id, expires_at FROM session')
  return { db, clock, sessions, ids, rows, open: () => ids.open({ id: 1, epoch: 0 }) }
}

describe('a session by lucia', () => {
  it('is stored under the hash of its id and ends by our clock', async () => {
    const { ids, rows, open } = setUp()
    const id = await open()
    const key = sessionKeyOf(id)
    expect(key).toMatch(/^[\w-]{43}$/)
    expect(rows()).toEqual([{ key, user_id: 1, expires_at: START + 2 * HOUR }])
    expect(await ids.callerOf(id)).toMatchObject({ sessionKey: key, expiresAt: START + 2 * HOUR })
    expect(await ids.callerOf(key)).toBeNull()
  })

  it('has 200 random bits', async () => {
    const { open } = setUp()
    const ids = await Promise.all(Array.from({ length: 100 }, open))
    expect(new Set(ids).size).toBe(100)
    expect(ids.every((id) => /^[a-z2-7]{40}$/.test(id))).toBe(true)
  })

  it('is not prolonged by use, also in its second half', async () => {
    const { ids, rows, clock, open } = setUp()
    const id = await open()
    const before = rows()
    clock.advance(2 * HOUR - 1)
    expect(await ids.callerOf(id)).not.toBeNull()
    expect(rows()).toEqual(before)
    clock.advance(1)
    expect(await ids.callerOf(id)).toBeNull()
  })

  it('is not opened for a user that has changed or gone since the password was checked', async () => {
    const { db, ids, rows, open } = setUp()
    const refused = { code: 'unauthenticated', detail: 'Invalid username or password' }
    db.run('UPDATE user SET epoch = 1')
    expect(await refusalOf(open)).toEqual(refused)
    db.run('UPDATE user SET removed_at = 1')
    expect(await refusalOf(() => ids.open({ id: 1, epoch: 1 }))).toEqual(refused)
    expect(await refusalOf(() => ids.open({ id: 2, epoch: 0 }))).toEqual(refused)
    expect(rows()).toEqual([])
  })
})
