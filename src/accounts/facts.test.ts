import { expect, it } from 'vitest'
import { openTemporary, temporaryFolder } from './testing.ts'

it('keeps facts over a restart, the last value of each', async () => {
  const folder = temporaryFolder()
  const first = await openTemporary({ folder })
  const { facts } = first.accounts
  await facts.set('host', 'box')
  await facts.set('host', '😀 "quoted"')
  await facts.set('empty', '')
  expect([facts.get('host'), facts.get('empty'), facts.get('none')]).toEqual([
    '😀 "quoted"',
    '',
    null,
  ])
  await first.accounts.close()
  const { accounts } = await openTemporary({ folder })
  expect(accounts.facts.get('host')).toBe('😀 "quoted"')
  await accounts.facts.delete('host')
  await accounts.facts.delete('host')
  expect(accounts.facts.get('host')).toBeNull()
})

it('lists the facts of a prefix, taken literally', async () => {
  const { accounts } = await openTemporary()
  const { facts } = accounts
  for (const key of ['host:b', 'host:a', 'host', 'HOST:c', 'h%:d', 'höst:é']) {
    await facts.set(key, `of ${key}`)
  }
  expect(facts.list('host:')).toEqual([
    { key: 'host:a', value: 'of host:a' },
    { key: 'host:b', value: 'of host:b' },
  ])
  expect(facts.list('h%')).toEqual([{ key: 'h%:d', value: 'of h%:d' }])
  expect(facts.list('hö')).toEqual([{ key: 'höst:é', value: 'of höst:é' }])
  expect(facts.list('none')).toEqual([])
})

it('refuses what is no text instead of aborting the process', async () => {
  const { accounts } = await openTemporary()
  const value = true as unknown as string
  await expect(accounts.facts.set('a', value)).rejects.toThrow(/must not reach the database/)
  expect(accounts.facts.get('a')).toBeNull()
})
