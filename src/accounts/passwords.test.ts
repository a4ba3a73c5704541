import { parseOptions } from '@node-rs/argon2'
import { describe, expect, it } from 'vitest'
import { createPasswords, HASH_COST, hashOfNobody, parsePassword } from './passwords.ts'
import { systemRandom } from './random.ts'
import { CHEAP, refusalOf } from './testing.ts'

describe('a password that may be set', () => {
  it.each(['x', ' ', 'admin123', 'x'.repeat(1024), '😀'.repeat(1024), 'tab\tand\u0000zero'])(
    '%j is kept as it is',
    (password) => {
      expect(parsePassword(password, 'password', 1)).toBe(password)
    },
  )

  it.each([
    ['', 1, 'password must be 1 to 1024 characters long'],
    ['x'.repeat(1025), 1, 'password must be 1 to 1024 characters long'],
    ['😀'.repeat(1025), 1, 'password must be 1 to 1024 characters long'],
    ['1234567', 8, 'password must be 8 to 1024 characters long'],
    ['😀😀😀😀', 8, 'password must be 8 to 1024 characters long'],
    ['half a pair \ud83d', 1, 'password must be valid text'],
    [true, 1, 'password must be a string'],
    [12345678, 1, 'password must be a string'],
    [{ length: 10 }, 1, 'password must be a string'],
    [null, 1, 'password must be a string'],
  ])('%j is refused (at least %d): %s', async (password, least, detail) => {
    expect(await refusalOf(() => parsePassword(password, 'password', least))).toEqual({
      code: 'invalid',
      detail,
    })
  })
})

describe('a hash', () => {
  const passwords = createPasswords(CHEAP, systemRandom)

  it('is argon2id at the cost that OWASP names', async () => {
    const hashed = await createPasswords(HASH_COST, systemRandom).hash('secret')
    expect(hashed.split('$').slice(0, 4)).toEqual(['', 'argon2id', 'v=19', 'm=19456,t=2,p=1'])
  })

  it.each([
    ['secret', true],
    ['secret ', false],
    [' secret', false],
    ['Secret', false],
    ['', false],
    ['x'.repeat(5_000), false],
  ])('of "secret" fits %j: %s', async (password, fits) => {
    expect(await passwords.verify(await passwords.hash('secret'), password)).toBe(fits)
  })

  it('for an unknown user costs what one of a user costs', async () => {
    expect(parseOptions(hashOfNobody(CHEAP, systemRandom))).toEqual(
      parseOptions(await passwords.hash('secret')),
    )
  })

  it('does not mix up spellings that look alike', async () => {
    expect(await passwords.verify(await passwords.hash('\u00e9'), 'e\u0301')).toBe(false)
  })

  it('does not take half a surrogate pair for the character it would become', async () => {
    expect(await passwords.verify(await passwords.hash('\ufffd'), '\ud83d')).toBe(false)
  })

  it.each([null, '', 'no hash', '$argon2id$v=19$m=1,t=1,p=1$$'])(
    'that is %j fits no password and throws nothing',
    async (hashed) => {
      expect(await passwords.verify(hashed, 'secret')).toBe(false)
    },
  )

  it.each([
    [CHEAP, false],
    [{ ...CHEAP, timeCost: 2 }, true],
    [{ ...CHEAP, memoryCost: 128 }, true],
  ])('made at cost %j is outdated: %s', async (cost, outdated) => {
    const hashed = await createPasswords(cost, systemRandom).hash('secret')
    expect(passwords.isOutdated(hashed)).toBe(outdated)
  })

  it('of another variant is outdated', async () => {
    const hashed = await passwords.hash('secret')
    expect(passwords.isOutdated(hashed.replace('argon2id', 'argon2i'))).toBe(true)
  })
})
