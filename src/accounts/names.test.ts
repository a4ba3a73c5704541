import { describe, expect, it } from 'vitest'
import { nameKey, parseName, parseTitle } from './names.ts'
import { refusalOf } from './testing.ts'

describe('a name', () => {
  it.each([
    ['admin', 'admin'],
    ['x', 'x'],
    ['n'.repeat(64), 'n'.repeat(64)],
    ['😀'.repeat(64), '😀'.repeat(64)],
    ["'; DROP TABLE user; --", "'; DROP TABLE user; --"],
    ['Ann Example', 'Ann Example'],
    ['a\\b', 'a\\b'],
    ['e\u0301ve', '\u00e9ve'],
  ])('%j is shown as %j', (given, text) => {
    expect(parseName(given, 'username').text).toBe(text)
  })

  it.each([
    ['', 'username must be 1 to 64 characters long'],
    ['n'.repeat(65), 'username must be 1 to 64 characters long'],
    ['a:b', 'username must not contain ":" or control characters, or end in "\\"'],
    ['a\u0000b', 'username must not contain ":" or control characters, or end in "\\"'],
    ['a\nb', 'username must not contain ":" or control characters, or end in "\\"'],
    ['a\u0085b', 'username must not contain ":" or control characters, or end in "\\"'],
    ['half a pair \ud83d', 'username must not contain ":" or control characters, or end in "\\"'],
    ['ann\\', 'username must not contain ":" or control characters, or end in "\\"'],
    [true, 'username must be a string'],
    [1, 'username must be a string'],
    [null, 'username must be a string'],
    [undefined, 'username must be a string'],
    [{ toString: () => 'admin' }, 'username must be a string'],
    [['admin'], 'username must be a string'],
  ])('%j is refused: %s', async (given, detail) => {
    expect(await refusalOf(() => parseName(given, 'username'))).toEqual({ code: 'invalid', detail })
  })

  it('of a megabyte is refused', async () => {
    expect((await refusalOf(() => parseName('n'.repeat(1_000_000), 'name'))).detail).toBe(
      'name must be 1 to 64 characters long',
    )
  })

  it.each([
    ['Admin', 'aDMIN'],
    ['\u00c9VE', 'e\u0301ve'],
    ['ΟΔΟΣ', 'οδοσ'],
    ['straße', 'STRASSE'],
    ['ПЕТР', 'петр'],
  ])('%s and %s are the same name', (one, other) => {
    expect(nameKey(one)).toBe(nameKey(other))
  })

  it.each([
    ['admin', 'admin '],
    ['a', 'ä'],
    ['i', 'j'],
  ])('%j and %j are two names', (one, other) => {
    expect(nameKey(one)).not.toBe(nameKey(other))
  })
})

describe('a title', () => {
  it.each(['shop', 'Shop-2.0_beta', '0', 'a'.repeat(64), 'private2', '...'])(
    '%s is taken',
    (title) => {
      expect(parseTitle(title).text).toBe(title)
    },
  )

  const form = 'title must be 1 to 64 letters, digits, "_", "." or "-"'
  it.each([
    ['', form],
    ['a'.repeat(65), form],
    ['a/b', form],
    ['a b', form],
    ['..', form],
    ['.', form],
    ['a\n', form],
    ['%2e%2e', form],
    ['private', 'title must not be private, which is a path of the server'],
    ['API', 'title must not be api, which is a path of the server'],
    ['send_logs', 'title must not be send_logs, which is a path of the server'],
    [false, 'title must be a string'],
    [undefined, 'title must be a string'],
  ])('%j is refused: %s', async (title, detail) => {
    expect(await refusalOf(() => parseTitle(title))).toEqual({ code: 'invalid', detail })
  })
})
