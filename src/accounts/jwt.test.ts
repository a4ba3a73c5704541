import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { HOUR, instant, SECOND } from '../points/instant.ts'
import { createJwt } from './jwt.ts'
import { systemRandom } from './random.ts'
import { createFakeClock, START } from './testing.ts'

const secret = 'a secret of at least thirty-two bytes'
const setUp = (over: { secret?: string; audience?: 'perfwatch' | 'speedlog' } = {}) => {
  const clock = createFakeClock()
  return {
    clock,
    jwt: createJwt({ secret, audience: 'perfwatch', clock, random: systemRandom, ...over }),
  }
}
const claims = { userId: 7, sessionKey: 'key' }
const expiresAt = instant(START + HOUR)
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const decoded = (text: string | undefined) =>
  JSON.parse(Buffer.from(text ?? '', 'base64url').toString())

const good = {
  sub: '7',
  sid: 'key',
  aud: 'perfwatch',
  iss: 'perfwatch',
  iat: START / SECOND,
  exp: START / SECOND + 3_600,
  jti: 'one',
}
const forge = (
  payload: object,
  header: object = { alg: 'HS256', typ: 'JWT' },
  key = secret,
  hash = 'sha256',
) => {
  const signed = `${part(header)}.${part(payload)}`
  return `${signed}.${createHmac(hash, key).update(signed).digest('base64url')}`
}
const without = (name: keyof typeof good) =>
  Object.fromEntries(Object.entries(good).filter(([key]) => key !== name))

describe('a token', () => {
  it('says whose it is and of which session, and nothing else', async () => {
    const { jwt } = setUp()
    const token = await jwt.sign({ ...claims, expiresAt })
    const [header, payload] = token.split('.')
    expect(decoded(header)).toEqual({ alg: 'HS256', typ: 'JWT' })
    expect(decoded(payload)).toEqual({ ...good, jti: expect.stringMatching(/^[\w-]{32}$/) })
    expect(await jwt.verify(token)).toEqual(claims)
  })

  it('is another one each time', async () => {
    const { jwt } = setUp()
    const sign = () => jwt.sign({ ...claims, expiresAt })
    expect(await sign()).not.toBe(await sign())
  })

  it('that another maker signed with the secret as text is good', async () => {
    expect(await setUp().jwt.verify(forge(good))).toEqual(claims)
  })

  it.each([
    ['of no algorithm', `${part({ alg: 'none' })}.${part(good)}.`],
    ['of no algorithm, signed', forge(good, { alg: 'none' })],
    ['of no algorithm in capitals', forge(good, { alg: 'NONE' })],
    ['of a longer hash', forge(good, { alg: 'HS512' }, secret, 'sha512')],
    ['that says RS256', forge(good, { alg: 'RS256' })],
    ['without an algorithm', forge(good, { typ: 'JWT' })],
    ['with critical headers', forge(good, { alg: 'HS256', crit: ['exp'], exp: 1 })],
    [
      'with a payload that is not encoded',
      forge(good, { alg: 'HS256', b64: false, crit: ['b64'] }),
    ],
    ['signed with another secret', forge(good, undefined, `${secret}!`)],
    ['signed with nothing', forge(good, undefined, '')],
    ['of another audience', forge({ ...good, aud: 'speedlog' })],
    ['of another issuer', forge({ ...good, iss: 'elsewhere' })],
    ['without an issuer', forge(without('iss'))],
    ['without an audience', forge(without('aud'))],
    ['without a user', forge(without('sub'))],
    ['without a session', forge(without('sid'))],
    ['without an end', forge(without('exp'))],
    ['without a beginning', forge(without('iat'))],
    ['without an id', forge(without('jti'))],
    ['with a session that is no text', forge({ ...good, sid: 1 })],
    ['with a user that is no number', forge({ ...good, sub: 'admin' })],
    ['with a user that is a number', forge({ ...good, sub: 7 })],
    ['that has expired', forge({ ...good, exp: START / SECOND - 10 })],
    ['that is not good yet', forge({ ...good, nbf: START / SECOND + 60 })],
    ['with an end that is text', forge({ ...good, exp: '9999999999' })],
    ['that is empty', ''],
    ['that is dots', '..'],
    ['that is not base64', '!!.!!.!!'],
    ['that is very long', `${forge(good)}${'A'.repeat(5_000)}`],
    ['with a part more', `${forge(good)}.x`],
  ])('%s is not ours', async (_what, token) => {
    expect(await setUp().jwt.verify(token)).toBeNull()
  })

  it('whose payload was changed is not ours', async () => {
    const [header, , signature] = forge(good).split('.')
    const token = `${header}.${part({ ...good, sub: '1' })}.${signature}`
    expect(await setUp().jwt.verify(token)).toBeNull()
  })

  it('bridges a clock step of five seconds, not more', async () => {
    const { jwt, clock } = setUp()
    const token = await jwt.sign({ ...claims, expiresAt })
    clock.advance(HOUR + 4 * SECOND)
    expect(await jwt.verify(token)).toEqual(claims)
    clock.advance(SECOND)
    expect(await jwt.verify(token)).toBeNull()
  })

  it('of one surface does not open another', async () => {
    const speedlog = setUp({ audience: 'speedlog' }).jwt
    const token = await speedlog.sign({ ...claims, expiresAt })
    expect(await speedlog.verify(token)).toEqual(claims)
    expect(await setUp().jwt.verify(token)).toBeNull()
  })
})
