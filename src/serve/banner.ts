import type { FirstStart } from '../accounts/first-start.ts'
import { isLoopback } from '../settings.ts'

export type BannerFacts = {
  readonly version: string
  readonly host: string
  readonly port: number
  readonly basePath: string
  readonly hostName: string
  readonly samplingSeconds: number
  readonly store: string
  /** Doors that have a port for themselves. */
  readonly ownPorts: readonly { readonly name: string; readonly port: number }[]
  /** Strangers may make themselves an account. */
  readonly registrationIsOpen: boolean
  readonly firstStart: FirstStart | null
}

/** What the server says when it is ready: where it listens, who can reach it, how to log in. */
export const banner = (facts: BannerFacts): string => {
  const loopback = isLoopback(facts.host)
  const shown = facts.host === '0.0.0.0' || facts.host === '::' ? facts.hostName : facts.host
  const url = `http://${shown.includes(':') ? `[${shown}]` : shown}:${facts.port}${facts.basePath}`
  const lines = [
    `PerfWatch ${facts.version} is ready: ${url}`,
    `  sampling  ${facts.hostName} every ${facts.samplingSeconds} s`,
    `  store     ${facts.store}`,
    `  reach     ${loopback ? 'this machine only' : 'the network, without TLS: put a proxy with TLS in front'}`,
  ]
  if (loopback)
    lines.push(
      `            from another one: ssh -L ${facts.port}:127.0.0.1:${facts.port} ${facts.hostName}`,
      `            for a network:    HOST=0.0.0.0 ALLOWED_HOSTS=name.example`,
    )
  for (const { name, port } of facts.ownPorts)
    lines.push(`  ${name} also at ${url.replace(`:${facts.port}`, `:${port}`)}`)
  if (facts.registrationIsOpen) lines.push('  sign-up   is open (ALLOW_REGISTRATION=0 closes it)')
  return [...lines, ...loginLines(facts.firstStart)].join('\n')
}

const loginLines = (first: FirstStart | null): readonly string[] => {
  if (first === null) return []
  const { username, password, file } = first
  if (file === null) return [`  log in    ${username}, with the password of ADMIN_PASSWORD`]
  return [
    password === null
      ? `  log in    ${username}, the password is in ${file}`
      : `  log in    ${username} / ${password}`,
    ...(password === null
      ? []
      : [`            (made at this first start, kept in ${file} until it is changed)`]),
  ]
}
