import { pino, type DestinationStream, type Logger, type LevelWithSilent } from 'pino'

/** What must never be read in a log, at whatever depth of a line's fields; lower case, without `-` and `_`. */
const SECRETS: ReadonlySet<string> = new Set([
  'hash',
  'userhash',
  'token',
  'accesstoken',
  'xusertoken',
  'xapikey',
  'ticket',
  'password',
  'passwd',
  'currentpassword',
  'newpassword',
  'sessionid',
  'jwtsecret',
  'authorization',
  'cookie',
  'setcookie',
])

const HIDDEN = '[hidden]'
/** Nothing that is logged on purpose lies deeper. */
const DEEPEST = 8

const isSecret = (key: string): boolean => SECRETS.has(key.replaceAll(/[-_]/g, '').toLowerCase())

/** A copy in which every secret is masked; what holds none is given back as it is. */
const mask = (value: unknown, depth = 0): unknown => {
  if (typeof value !== 'object' || value === null || value instanceof Error) return value
  if (depth > DEEPEST) return HIDDEN
  if (Array.isArray(value)) return value.map((one) => mask(one, depth + 1))
  return maskFields(value as Record<string, unknown>, depth)
}

const maskFields = (fields: Record<string, unknown>, depth: number): Record<string, unknown> => {
  const masked: Record<string, unknown> = {}
  for (const key in fields) masked[key] = isSecret(key) ? HIDDEN : mask(fields[key], depth + 1)
  return masked
}

/**
 * The server's log: one JSON line each, secrets masked (not in the bindings of a child). `stream` is where it goes; without it standard output.
 * Not by pino's `redact`: its paths reach a fixed depth, and enough of them cost ten times a line.
 */
export const createLog = (level: LevelWithSilent, stream?: DestinationStream): Logger => {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: {
      level: (label: string) => ({ level: label }),
      log: (fields: Record<string, unknown>) => maskFields(fields, 0),
    },
    serializers: { err: (error: Error) => mask(pino.stdSerializers.err(error)) },
  }
  return stream === undefined ? pino(options) : pino(options, stream)
}
