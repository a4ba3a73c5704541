import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { z } from 'zod'
import { AppError } from './app-error.ts'

const text = z.string().trim().min(1)
const port = z.coerce.number().int().min(0).max(65_535)
const flag = z
  .enum(['1', '0', 'true', 'false', 'yes', 'no'], { error: 'must be 1 or 0' })
  .transform((value) => value === '1' || value === 'true' || value === 'yes')
const list = z.string().transform((value) =>
  value
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== ''),
)

/** Every environment variable that the server reads: name, form, default. `docs` and `doctor` list them from here. */
export const SETTINGS = {
  PORT: port.default(8000),
  HOST: text.default('127.0.0.1'),
  DATA_DIR: text.default('./data'),
  ADMIN_USERNAME: text.default('admin'),
  ADMIN_PASSWORD: z.string().min(1).max(1024).optional(),
  JWT_SECRET: z
    .string()
    .refine((secret) => Buffer.byteLength(secret) >= 32, {
      error: 'must be at least 32 bytes long; leave it out and one is made and kept in DATA_DIR',
    })
    .optional(),
  JWT_EXPIRE_HOURS: z.coerce.number().positive().max(8_760).default(24),
  SAMPLING_INTERVAL_SECONDS: z.coerce.number().int().min(1).max(3600).optional(),
  INFLUX_URL: z.url().optional(),
  INFLUX_TOKEN: text.optional(),
  INFLUX_ORG: text.default('perfwatch'),
  INFLUX_BUCKET_PREFIX: text.default('perfwatch'),
  INFLUX_PROVISION: z.enum(['auto', 'check']).default('auto'),
  ALLOWED_HOSTS: list.default([]),
  HOST_NAME: text.max(255).optional(),
  HOST_PROC: text.default('/proc'),
  HOST_SYS: text.default('/sys'),
  HOST_ROOT: text.default('/'),
  INTERFACES_EXCLUDE: text.default('veth*,cali*,ifb*,dummy*'),
  CORS_ORIGINS: list.default([]),
  TRUSTED_PROXIES: list.default([]),
  METRICS_PUBLIC: flag.default(false),
  PRINT_PASSWORD: flag.default(true),
  BASE_PATH: z
    .string()
    .regex(/^(\/[\w.~-]+)*\/?$/, { error: 'must be a path such as /perfwatch' })
    .transform((path) => path.replace(/\/$/, ''))
    .default(''),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
} as const

/** Secrets that may also come from a file: `JWT_SECRET_FILE=/run/secrets/jwt`. */
const FROM_FILE = ['ADMIN_PASSWORD', 'JWT_SECRET', 'INFLUX_TOKEN'] as const

const schema = z.object(SETTINGS)
export type Settings = z.infer<typeof schema>

type Environment = Readonly<Record<string, string | undefined>>

/** The settings of an environment; throws an AppError `setup` with one sentence that names the setting. */
export const parseSettings = (environment: Environment): Settings => {
  const given: Record<string, string> = {}
  for (const name of Object.keys(SETTINGS)) {
    const value = environment[name]
    if (value !== undefined && value !== '') given[name] = value
  }
  for (const name of FROM_FILE) {
    const file = environment[`${name}_FILE`]
    if (file !== undefined && file !== '') given[name] = secretFrom(name, file)
  }
  const parsed = schema.safeParse(given)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const name = String(issue?.path[0] ?? 'A setting')
    throw new AppError({ code: 'setup', detail: `${name}: ${issue?.message ?? 'is not valid'}.` })
  }
  return { ...parsed.data, DATA_DIR: resolve(parsed.data.DATA_DIR) }
}

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
