import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { z } from 'zod'
import { AppError } from './app-error.ts'

const text = z.string().trim().min(1, { error: 'must not be blank' })
const between = (least: number, most: number) => ({
  error: `must be a whole number from ${least} to ${most}`,
})
const whole = (least: number, most: number) =>
  z.coerce
    .number(between(least, most))
    .int(between(least, most))
    .min(least, between(least, most))
    .max(most, between(least, most))
const HOURS = { error: 'must be a number of hours above 0, at most 8760' }
const port = whole(0, 65_535)
const flag = z
  .enum(['1', '0', 'true', 'false', 'yes', 'no'], { error: 'must be 1 or 0' })
  .transform((value) => value === '1' || value === 'true' || value === 'yes')
/** A port of its own beside the main one. */
const doorPort = (client: string, usual: string) =>
  port
    .optional()
    .describe(
      `Port that serves the clients of ${client} alone, ${usual} as they expect it; without it they are served at PORT only.`,
    )
const list = z.string().transform((value) =>
  value
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== ''),
)

/** The surfaces for the clients of older systems, by the names that DOORS takes. */
export const DOOR_NAMES = ['performance-monitor', 'speedlog', 'mood', 'logger-bot'] as const
export type DoorName = (typeof DOOR_NAMES)[number]

/** `all`, `none`, or names with commas between. */
const doors = list.transform((names, context): readonly DoorName[] => {
  if (names.length === 1 && names[0] === 'none') return []
  if (names.length === 1 && names[0] === 'all') return DOOR_NAMES
  const open = DOOR_NAMES.filter((door) => names.includes(door))
  if (names.length > 0 && names.every((name) => DOOR_NAMES.some((door) => door === name)))
    return open
  context.addIssue({
    code: 'custom',
    message: `must be all, none, or a list of ${DOOR_NAMES.join(', ')}`,
  })
  return z.NEVER
})

/** Every environment variable that the server reads: name, form, default. `docs` and `doctor` list them from here. */
export const SETTINGS = {
  PORT: port
    .default(8000)
    .describe('Port of the page, the API and the WebSocket; 0 takes a free one.'),
  HOST: text
    .default('127.0.0.1')
    .describe('Address to listen on. Anything but loopback opens the server to the network.'),
  DATA_DIR: text
    .default('./data')
    .describe('Folder of the databases and secrets, made with mode 0700 when missing.'),
  ADMIN_USERNAME: text.default('admin').describe('Name of the account that the first start makes.'),
  ADMIN_PASSWORD: z
    .string()
    .min(1)
    .max(1024)
    .optional()
    .describe(
      'Password of that account, read at the first start only; without it a random one is made and printed.',
    ),
  JWT_SECRET: z
    .string()
    .refine((secret) => Buffer.byteLength(secret) >= 32, {
      error: 'must be at least 32 bytes long; leave it out and one is made and kept in DATA_DIR',
    })
    .optional()
    .describe(
      'Signs the access tokens, 32 bytes or more; without it one is made at the first start and kept in DATA_DIR.',
    ),
  JWT_EXPIRE_HOURS: z.coerce
    .number(HOURS)
    .positive(HOURS)
    .max(8_760, HOURS)
    .default(24)
    .describe('How long an access token is good.'),
  SAMPLING_INTERVAL_SECONDS: whole(1, 3_600)
    .optional()
    .describe(
      'Seconds between samples, read at the first start only (5 without it); later by PUT /api/config.',
    ),
  INFLUX_URL: z
    .url({ error: 'must be a URL such as http://127.0.0.1:8086' })
    .optional()
    .describe('Set: InfluxDB at this URL is the store. Unset: the embedded store is.'),
  INFLUX_TOKEN: text
    .optional()
    .describe(
      'All-access token for InfluxDB, used to provision only; a server that was never set up needs none.',
    ),
  INFLUX_ORG: text.default('perfwatch').describe('Organisation in InfluxDB.'),
  INFLUX_BUCKET_PREFIX: text
    .default('perfwatch')
    .describe('What the names of the buckets and tasks begin with.'),
  INFLUX_PROVISION: z
    .enum(['auto', 'check'], { error: 'must be auto or check' })
    .default('auto')
    .describe('auto makes what is missing in InfluxDB; check only lists it.'),
  ALLOWED_HOSTS: list
    .default([])
    .describe(
      'Names that the Host header may carry besides localhost, addresses and the name of the machine.',
    ),
  HOST_NAME: text
    .max(255)
    .optional()
    .describe(
      'Name of this host in the data; without it the name of the machine at the first start, kept from then on.',
    ),
  HOST_PROC: text
    .default('/proc')
    .describe('Where /proc of the measured host is; in a container its mount.'),
  HOST_SYS: text.default('/sys').describe('Where /sys of the measured host is.'),
  HOST_ROOT: text.default('/').describe('Where the file systems of the measured host begin.'),
  INTERFACES_EXCLUDE: text
    .default('veth*,cali*,ifb*,dummy*')
    .describe('Network interfaces that are not measured, as patterns with *.'),
  CORS_ORIGINS: list.default([]).describe('Origins whose pages may call /api from a browser.'),
  TRUSTED_PROXIES: list
    .default([])
    .describe('Addresses of proxies whose X-Forwarded headers are believed.'),
  EVENT_CORS_ORIGINS: list
    .default([])
    .describe(
      'Origins whose pages may send timing events (PUT or POST /{project}/event/) from a browser.',
    ),
  DOORS: doors
    .default(DOOR_NAMES)
    .describe(
      `Which older clients are served: all (as without it), none, or some of ${DOOR_NAMES.join(', ')}.`,
    ),
  PERFORMANCE_MONITOR_PORT: doorPort('PerformanceMonitor', '8080'),
  SPEEDLOG_PORT: doorPort('Speedlog', '8012'),
  MOOD_PORT: doorPort('the mood service', '5001'),
  LOGGER_BOT_PORT: doorPort('LoggerBot', '5000'),
  LOGGER_API_KEY: z
    .string()
    .refine((key) => key.trim() !== '', { error: 'must not be blank' })
    .optional()
    .describe(
      'X-Api-Key with which LoggerBot’s /create_user makes accounts; without it every key is wrong.',
    ),
  ALLOW_REGISTRATION: flag
    .optional()
    .describe(
      'Whether strangers may make themselves an account that sees only its own data; without it 1 while HOST is loopback and there are no TRUSTED_PROXIES, else 0.',
    ),
  METRICS_PUBLIC: flag
    .default(false)
    .describe('1 opens /metrics to everyone who reaches the port.'),
  PRINT_PASSWORD: flag
    .default(true)
    .describe('0 prints only the path of the generated password, not the password.'),
  BASE_PATH: z
    .string()
    .regex(/^(\/[\w.~-]+)*\/?$/, { error: 'must be a path such as /perfwatch' })
    .transform((path) => path.replace(/\/$/, ''))
    .default('')
    .describe('Path under which a proxy serves PerfWatch.'),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
      error: 'must be one of: trace, debug, info, warn, error, fatal, silent',
    })
    .default('info')
    .describe('Least level that is logged.'),
} as const

/** Secrets that may also come from a file: `JWT_SECRET_FILE=/run/secrets/jwt`. */
export const FROM_FILE = ['ADMIN_PASSWORD', 'JWT_SECRET', 'INFLUX_TOKEN', 'LOGGER_API_KEY'] as const

const schema = z.object(SETTINGS)
export type Settings = Omit<z.infer<typeof schema>, 'ALLOW_REGISTRATION'> & {
  readonly ALLOW_REGISTRATION: boolean
}

export type Environment = Readonly<Record<string, string | undefined>>

/** The settings of an environment; throws an AppError `setup` with one sentence that names the setting. */
export const parseSettings = (environment: Environment): Settings => {
  const settings = parse(schema, FROM_FILE, environment)
  return {
    ...settings,
    DATA_DIR: resolve(settings.DATA_DIR),
    // behind a proxy everyone comes from loopback
    ALLOW_REGISTRATION:
      settings.ALLOW_REGISTRATION ??
      (isLoopback(settings.HOST) && settings.TRUSTED_PROXIES.length === 0),
  }
}

/** True for an address to listen on that only this machine reaches. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host.startsWith('127.')

/** What the command line reads beside `DATA_DIR` and `HOST_NAME` when it asks a running server. */
export const CLI_SETTINGS = {
  PERFWATCH_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .optional()
    .describe('Server that query and compare ask; without it they read the data folder.'),
  PERFWATCH_TOKEN: text.optional().describe('Access token for that server.'),
} as const

const cliSchema = z.object(CLI_SETTINGS)
export type CliSettings = z.infer<typeof cliSchema>

/** As `parseSettings`; `PERFWATCH_TOKEN_FILE` names a file that holds the token. */
export const parseCliSettings = (environment: Environment): CliSettings =>
  parse(cliSchema, ['PERFWATCH_TOKEN'], environment)

/** Every sentence about settings that are not valid, for `doctor`; none: all are. */
export const settingProblems = (environment: Environment): readonly string[] =>
  Object.entries({ ...SETTINGS, ...CLI_SETTINGS }).flatMap(([name, form]) => {
    try {
      parse(z.object({ [name]: form }), [...FROM_FILE, 'PERFWATCH_TOKEN'], environment)
      return []
    } catch (error) {
      if (error instanceof AppError) return [error.message]
      throw error
    }
  })

const parse = <Shape extends z.ZodRawShape>(
  form: z.ZodObject<Shape>,
  fromFile: readonly string[],
  environment: Environment,
): z.infer<z.ZodObject<Shape>> => {
  const given: Record<string, string> = {}
  for (const name of Object.keys(form.shape)) {
    const value = environment[name]
    if (value !== undefined && value !== '') given[name] = value
    const file = fromFile.includes(name) ? environment[`${name}_FILE`] : undefined
    if (file !== undefined && file !== '') given[name] = secretFrom(name, file)
  }
  const parsed = form.safeParse(given)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const name = String(issue?.path[0] ?? 'A setting')
    throw new AppError({ code: 'setup', detail: `${name}: ${issue?.message ?? 'is not valid'}.` })
  }
  return parsed.data
}

/** The one place where the process's environment is read. */
export const processEnvironment = (): Environment => process.env

/** The machine's own name, one of the hosts that are always allowed. */
export const machineName = (): string => hostname()

const secretFrom = (name: string, file: string): string => {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch (cause) {
    throw new AppError({
      code: 'setup',
      detail: `${name}_FILE: ${file} cannot be read; give the path of a readable file.`,
      cause,
    })
  }
}
