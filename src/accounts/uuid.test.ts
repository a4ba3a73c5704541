import { expect, it } from 'vitest'
import { systemRandom } from './random.ts'
import { canonicalUuid, randomUuid } from './uuid.ts'

const UUID = '3b1f9c0a-8f0e-4d7c-9a1b-2c3d4e5f6071'

it.each([
  ['as it is', UUID],
  ['in upper case', UUID.toUpperCase()],
  ['without dashes', UUID.replaceAll('-', '')],
  ['in upper case without dashes', UUID.replaceAll('-', '').toUpperCase()],
  ['with some dashes', '3b1f9c0a8f0e-4d7c-9a1b2c3d4e5f6071'],
])('a UUID %s is one', (_what, given) => {
  expect(canonicalUuid(given)).toBe(UUID)
})

it.each([
  '',
  'hash',
  `${UUID}0`,
  UUID.slice(1),
  ` ${UUID}`,
  `${UUID}\n`,
  `{${UUID}}`,
  `urn:uuid:${UUID}`,
  UUID.replace('3', 'g'),
  '3b1f-9c0a8f0e-4d7c-9a1b-2c3d4e5f6071',
  '３'.repeat(32),
  0,
  null,
  undefined,
  [UUID],
  { toString: () => UUID },
])('%j is no UUID', (given) => {
  expect(canonicalUuid(given)).toBeNull()
})

it('a random one is of version 4, and another each time', () => {
  const many = Array.from({ length: 1_000 }, () => randomUuid(systemRandom))
  const form = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
  expect(many.filter((uuid) => !form.test(uuid))).toEqual([])
  expect(new Set(many).size).toBe(1_000)
})
