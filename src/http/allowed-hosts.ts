import { isIP } from 'node:net'

/** True for a Host header that this server answers to. */
export type AllowedHosts = (hostHeader: string | undefined) => boolean

/**
 * localhost, IP literals, the machine's own name (also as `name.local`, where it announces itself) and the
 * names of ALLOWED_HOSTS. Any other name may be an attacker's that resolves to this machine (DNS rebinding).
 */
export const allowedHosts = (names: readonly string[], machineName: string): AllowedHosts => {
  const own = machineName.toLowerCase()
  const known = new Set([
    'localhost',
    own,
    `${own.split('.')[0]}.local`,
    ...names.map((name) => hostOf(name)),
  ])
  return (header) => {
    if (header === undefined) return false
    const host = hostOf(header)
    return known.has(host) || isIP(host) !== 0
  }
}

/** `[::1]:8000` -> `::1`, `Example.org.:80` -> `example.org`. */
const hostOf = (header: string): string => {
  const bracketed = /^\[([^\]]*)\](?::\d*)?$/.exec(header)?.[1]
  if (bracketed !== undefined) return bracketed.toLowerCase()
  return header.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '')
}
