import { describe, expect, it } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../points/instant.ts'
import { createSignUps, createThrottle, networkOf } from './throttle.ts'
import { createFakeClock, refusalOf } from './testing.ts'

const setUp = () => {
  const clock = createFakeClock()
  const throttle = createThrottle(clock)
  const fail = (times: number, who: { account: string; address: string }) => {
    for (let time = 0; time < times; time += 1) throttle.begin(who)
  }
  const answer = async (who: { account: string; address: string }) =>
    (await refusalOf(() => throttle.begin(who))).retryAfterSeconds
  return { clock, throttle, fail, answer }
}
const ann = { account: 'ann', address: '192.0.2.1' }
const each = (count: number, of: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => of(index))

describe('the throttle of log-ins', () => {
  it('refuses the eleventh after ten failures of one account and address, and says when to come back', async () => {
    const { clock, throttle, fail } = setUp()
    fail(10, ann)
    clock.advance(60 * SECOND)
    const refusal = {
      code: 'too-many',
      detail: 'Too many failed log-ins. Try again in 240 seconds.',
      retryAfterSeconds: 240,
    }
    expect(await refusalOf(() => throttle.begin(ann))).toEqual(refusal)
    expect(await refusalOf(() => throttle.check(ann))).toEqual(refusal)
  })

  it('takes one again when the oldest failure is five minutes old', async () => {
    const { clock, fail, answer } = setUp()
    fail(1, ann)
    clock.advance(MINUTE)
    fail(9, ann)
    clock.advance(4 * MINUTE - 1)
    expect(await answer(ann)).toBe(1)
    clock.advance(1)
    fail(1, ann)
    expect(await answer(ann)).toBe(60)
  })

  it('leaves other accounts of the address and other addresses of the account alone', () => {
    const { fail } = setUp()
    fail(10, ann)
    fail(10, { ...ann, account: 'ben' })
    fail(10, { ...ann, address: '192.0.2.2' })
  })

  it('refuses an address after 30 failures over several accounts', async () => {
    const { fail, answer } = setUp()
    for (const account of each(30, String)) fail(1, { ...ann, account })
    expect(await answer({ ...ann, account: 'never tried' })).toBe(300)
    fail(1, { account: 'never tried', address: '192.0.2.2' })
  })

  it('refuses an account after 200 failures over several addresses', async () => {
    const { fail, answer } = setUp()
    for (const address of each(200, (index) => `198.51.100.${index}`)) fail(1, { ...ann, address })
    expect(await answer({ ...ann, address: '203.0.113.1' })).toBe(300)
    fail(1, { account: 'ben', address: '203.0.113.1' })
  })

  it('does not count what is forgiven, nor what it refuses', async () => {
    const { clock, throttle, fail, answer } = setUp()
    fail(9, ann)
    for (let time = 0; time < 50; time += 1) throttle.begin(ann).forgive()
    fail(1, ann)
    clock.advance(MINUTE)
    for (let time = 0; time < 50; time += 1) expect(await answer(ann)).toBe(240)
    clock.advance(4 * MINUTE)
    fail(10, ann)
  })

  it('forgives only its own attempt', async () => {
    const { throttle, fail, answer } = setUp()
    const attempt = throttle.begin(ann)
    fail(9, ann)
    attempt.forgive()
    fail(1, ann)
    expect(await answer(ann)).toBe(300)
  })

  it('remembers a bounded number of names, the latest ones', async () => {
    const { fail, answer } = setUp()
    fail(10, ann)
    for (const name of each(20_001, String)) fail(1, { account: name, address: name })
    fail(10, ann)
    expect(await answer(ann)).toBe(300)
  })
})

describe('the throttle of sign-ups', () => {
  it('lets 100 accounts an hour and address be made', async () => {
    const clock = createFakeClock()
    const signUps = createSignUps(clock)
    for (let time = 0; time < 100; time += 1) signUps.begin('192.0.2.1')
    clock.advance(HOUR - SECOND)
    expect(await refusalOf(() => signUps.begin('192.0.2.1'))).toEqual({
      code: 'too-many',
      detail: 'Too many sign-ups. Try again in 1 second.',
      retryAfterSeconds: 1,
    })
    signUps.begin('192.0.2.2')
    clock.advance(SECOND)
    signUps.begin('192.0.2.1').forgive()
  })
})

describe('an address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:0:1:aaaa::1', '2001:db8:0:1'],
    ['2001:0DB8:0000:0001:1:2:3:4', '2001:db8:0:1'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['1:2::4:5:6:7:8', '1:2:0:4'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['', ''],
    ['unknown', 'unknown'],
  ])('%s counts as %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })
})
