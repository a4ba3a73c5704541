import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import { AppError } from '../app-error.ts'
import { origins } from './client-address.ts'

const request = (
  remoteAddress: string | undefined,
  headers: Record<string, string> = {},
  socket: object = {},
) => ({ socket: { remoteAddress, ...socket }, headers }) as unknown as IncomingMessage
const from = (hops: string) => ({ 'x-forwarded-for': hops })

describe('the address of a client', () => {
  test.each([
    ['nobody is trusted', [], '203.0.113.5', from('1.1.1.1'), '203.0.113.5'],
    ['the peer is not trusted', ['10.0.0.1'], '10.0.0.2', from('1.1.1.1'), '10.0.0.2'],
    ['IPv4 on an IPv6 socket', [], '::ffff:203.0.113.5', {}, '203.0.113.5'],
    ['one proxy', ['10.0.0.1'], '10.0.0.1', from('1.1.1.1'), '1.1.1.1'],
    ['one proxy on an IPv6 socket', ['10.0.0.1'], '::ffff:10.0.0.1', from('1.1.1.1'), '1.1.1.1'],
    [
      'one proxy, and a lie before it',
      ['10.0.0.1'],
      '10.0.0.1',
      from('9.9.9.9, 1.1.1.1'),
      '1.1.1.1',
    ],
    ['a chain of them', ['10.0.0.0/8'], '10.0.0.1', from('1.1.1.1, 10.2.0.1 ,10.3.0.1'), '1.1.1.1'],
    ['nothing but proxies', ['10.0.0.0/8'], '10.0.0.1', from('10.2.0.1, 10.3.0.1'), '10.2.0.1'],
    ['a proxy that says nothing', ['10.0.0.1'], '10.0.0.1', {}, '10.0.0.1'],
    ['a proxy that says ports', ['10.0.0.1'], '10.0.0.1', from('1.1.1.1:4711'), '1.1.1.1'],
    ['IPv6', ['fd00::/8'], 'fd00::1', from('[2001:db8::7]:4711'), '2001:db8::7'],
    ['no peer any more', ['10.0.0.1'], undefined, from('1.1.1.1'), ''],
  ])('%s', (_, trusted, peer, headers: Record<string, string>, address) => {
    expect(origins(trusted).address(request(peer, headers))).toBe(address)
  })
})

describe('TLS', () => {
  const proto = (value: string) => ({ 'x-forwarded-proto': value })
  test.each([
    ['our own', [], '1.1.1.1', {}, { encrypted: true }, true],
    ['none', [], '1.1.1.1', {}, {}, false],
    ['of anybody who says so', [], '1.1.1.1', proto('https'), {}, false],
    ['of a trusted proxy', ['1.1.1.1'], '1.1.1.1', proto('HTTPS'), {}, true],
    [
      'of a trusted proxy that was spoken to without',
      ['1.1.1.1'],
      '1.1.1.1',
      proto('https, http'),
      {},
      false,
    ],
  ])('%s', (_, trusted, peer, headers: Record<string, string>, socket, secure) => {
    expect(origins(trusted).secure(request(peer, headers, socket))).toBe(secure)
  })
})

test.each(['proxy', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/-1', '10.0.0.0/8/8', '::1/129', '/8'])(
  'TRUSTED_PROXIES=%s is refused by name',
  (proxy) => {
    expect(() => origins([proxy])).toThrow(AppError)
    expect(() => origins([proxy])).toThrow(/^TRUSTED_PROXIES: /)
  },
)
