import { expect, it } from 'vitest'
import { createFakeClock } from './testing.ts'
import { systemRandom } from './random.ts'
import { createVerifiedSecrets, type AccountSecret } from './verified-secrets.ts'

const asked: AccountSecret = { column: 'password_hash', userId: 1, epoch: 2, secret: 's' }
const open = () => createVerifiedSecrets(createFakeClock(), systemRandom)

it.each<[string, Partial<AccountSecret>]>([
  ['another secret', { secret: 't' }],
  ['another user', { userId: 2 }],
  ['another epoch', { epoch: 3 }],
  ['another hash', { column: 'logger_hash' }],
  ['a secret that begins like the epoch', { epoch: 2, secret: ' s' }],
])('%s has another key', (_what, over) => {
  const verified = open()
  expect(verified.keyOf({ ...asked, ...over })).not.toBe(verified.keyOf(asked))
  expect(verified.keyOf({ ...asked })).toBe(verified.keyOf(asked))
})

it('keys are of this process', () => {
  expect(open().keyOf(asked)).not.toBe(open().keyOf(asked))
})

it('halves of surrogate pairs are not all one secret', () => {
  const verified = open()
  const keys = ['\ud800', '\ud801', '\ufffd'].map((secret) => verified.keyOf({ ...asked, secret }))
  expect(new Set(keys).size).toBe(3)
})

it('the oldest of more than ten thousand makes room', () => {
  const verified = open()
  for (let n = 0; n <= 10_000; n += 1) verified.add(`key ${n}`)
  expect(['key 0', 'key 1', 'key 10000'].map(verified.has)).toEqual([false, true, true])
})
