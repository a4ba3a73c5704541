import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'
import { AppError } from '../app-error.ts'

/** What a request says about how it came here, believed only as far as the proxies are trusted. */
export type Origins = {
  /** The address that the throttle counts by. */
  address(request: IncomingMessage): string
  /** True: the browser spoke TLS, to us or to a trusted proxy. */
  secure(request: IncomingMessage): boolean
}

/** TRUSTED_PROXIES as addresses or networks (`10.0.0.0/8`); throws an AppError `setup` for anything else. */
export const origins = (trustedProxies: readonly string[]): Origins => {
  const trusted = blockList(trustedProxies)
  const isTrusted = (address: string): boolean => {
    const family = isIP(address)
    return family !== 0 && trusted.check(address, family === 4 ? 'ipv4' : 'ipv6')
  }

  return {
    address(request) {
      const peer = peerOf(request)
      if (!isTrusted(peer)) return peer
      // the last hop that no trusted proxy stands for: what is left of it, anyone can have written
      const hops = headerList(request.headers['x-forwarded-for'])
      return hops.findLast((hop) => !isTrusted(hop)) ?? hops[0] ?? peer
    },
    secure(request) {
      if ('encrypted' in request.socket && request.socket.encrypted === true) return true
      if (!isTrusted(peerOf(request))) return false
      return headerList(request.headers['x-forwarded-proto']).at(-1)?.toLowerCase() === 'https'
    },
  }
}

const peerOf = (request: IncomingMessage): string => plain(request.socket.remoteAddress ?? '')

const headerList = (header: string | string[] | undefined): string[] =>
  String(header ?? '')
    .split(',')
    .map((one) => plain(one.trim()))
    .filter((one) => one !== '')

/** An address without the port that some proxies add, and IPv4 as itself also where the socket is an IPv6 one. */
const plain = (address: string): string =>
  address
    .replace(/^\[([^\]]*)\](?::\d+)?$/, '$1')
    .replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1')
    .replace(/^::ffff:(?=\d+\.)/i, '')

const blockList = (proxies: readonly string[]): BlockList => {
  const list = new BlockList()
  for (const proxy of proxies) {
    const [address = '', length, ...rest] = proxy.split('/')
    const family = isIP(address)
    const bits = length === undefined ? undefined : Number(length)
    const longest = family === 4 ? 32 : 128
    const sound = bits === undefined || (/^\d+$/.test(length ?? '') && Number(length) <= longest)
    if (family === 0 || rest.length > 0 || !sound)
      throw new AppError({
        code: 'setup',
        detail: `TRUSTED_PROXIES: ${proxy} is neither an address nor a network such as 10.0.0.0/8.`,
      })
    const type = family === 4 ? 'ipv4' : 'ipv6'
    if (bits === undefined) list.addAddress(address, type)
    else list.addSubnet(address, bits, type)
  }
  return list
}
