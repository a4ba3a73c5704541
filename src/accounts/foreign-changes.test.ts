import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createForeignChanges } from './foreign-changes.ts'
import { openDatabase } from './open-database.ts'
import { temporaryFolder } from './testing.ts'

const setUp = () => {
  const file = join(temporaryFolder(), 'accounts.db')
  const [own, other] = [openDatabase(file), openDatabase(file)]
  onTestFinished(() => {
    own.close()
    other.close()
  })
  const commit = (db: typeof own) =>
    db.run(`INSERT INTO fact VALUES ('a', '') ON CONFLICT DO UPDATE SET value = value || 'x'`)
  return { changes: createForeignChanges(own), own, other, commit }
}

it('tells a change once, and none of our own', () => {
  const { changes, own, other, commit } = setUp()
  const told: string[] = []
  changes.onChange(() => told.push('first'))
  changes.onChange(() => told.push('second'))
  changes.check()
  commit(own)
  changes.check()
  expect(told).toEqual([])
  commit(other)
  commit(other)
  changes.check()
  changes.check()
  expect(told).toEqual(['first', 'second'])
})

it('tells a change again when a listener failed at it', () => {
  const { changes, other, commit } = setUp()
  let calls = 0
  changes.onChange(() => {
    calls += 1
    if (calls === 1) throw new Error('disk busy')
  })
  commit(other)
  expect(changes.check).toThrow('disk busy')
  changes.check()
  changes.check()
  expect(calls).toBe(2)
})

it('lets a listener ask without being called again', () => {
  const { changes, other, commit } = setUp()
  let calls = 0
  changes.onChange(() => {
    calls += 1
    changes.check()
  })
  commit(other)
  changes.check()
  expect(calls).toBe(1)
})
