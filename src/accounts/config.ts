import { z } from 'zod'
import { AppError } from '../app-error.ts'

const whole = (field: string, least: number, most: number) => {
  const range = { error: `${field} must be between ${least} and ${most}` }
  const kind = { error: `${field} must be a whole number` }
  return z.number(kind).int(kind).min(least, range).max(most, range)
}
const days = (field: string, least: number) => whole(field, least, 3650)
const flag = (field: string) => z.boolean({ error: `${field} must be true or false` })

/** `0-3,5`: ranges that ascend, of processors that Linux can have. */
const isCoreList = (text: string): boolean =>
  text === 'all' ||
  (/^\d{1,4}(-\d{1,4})?(,\d{1,4}(-\d{1,4})?)*$/.test(text) &&
    text.split(',').every((range) => {
      const [first, last = first] = range.split('-').map(Number)
      return first !== undefined && last !== undefined && first <= last
    }))
const cores = { error: 'perf_events_cpu_cores must be all or a list such as 0-3,5' }

/** Every setting that a running server can change, with its range; the names are the wire contract's. */
export const Config = z.object({
  sampling_interval_seconds: whole('sampling_interval_seconds', 1, 3600),
  retention_days: days('retention_days', 1),
  archive_enabled: flag('archive_enabled'),
  downsample_after_days: days('downsample_after_days', 0),
  downsample_interval: z.enum(['5s', '1m', '5m', '1h'], {
    error: 'Invalid downsample_interval. Must be one of: 1h, 1m, 5m, 5s',
  }),
  events_retention_days: days('events_retention_days', 0),
  logs_retention_days: days('logs_retention_days', 0),
  pushed_retention_days: days('pushed_retention_days', 0),
  perf_events_enabled: flag('perf_events_enabled'),
  perf_events_cpu_cores: z.string(cores).max(255, cores).refine(isCoreList, cores),
  perf_events_interval_ms: whole('perf_events_interval_ms', 100, 60_000),
})
export type Config = z.infer<typeof Config>

export const DEFAULT_CONFIG: Config = {
  sampling_interval_seconds: 5,
  retention_days: 30,
  archive_enabled: true,
  downsample_after_days: 7,
  downsample_interval: '1h',
  events_retention_days: 90,
  logs_retention_days: 30,
  pushed_retention_days: 30,
  perf_events_enabled: true,
  perf_events_cpu_cores: 'all',
  perf_events_interval_ms: 1000,
}

/** The config with a change in it, all or nothing: AppError `invalid` names the field. Unknown keys are ignored. */
export const mergeConfig = (current: Config, change: Readonly<Record<string, unknown>>): Config => {
  const parsed = Config.safeParse({ ...current, ...knownIn(change) })
  if (!parsed.success) throw invalid(parsed.error.issues[0]?.message ?? 'The config is not valid')
  if (parsed.data.downsample_after_days > parsed.data.retention_days) {
    throw invalid('downsample_after_days must be less than or equal to retention_days')
  }
  return parsed.data
}

/** What was stored, over the defaults; a value that is not valid (any more) is left out and named in `dropped`. */
export const restoreConfig = (
  stored: Readonly<Record<string, unknown>>,
): { readonly config: Config; readonly dropped: readonly string[] } => {
  let config = DEFAULT_CONFIG
  const dropped: string[] = []
  // Twice: a pair such as both days may only be valid with the second of it.
  for (const last of [false, true]) {
    for (const [name, value] of Object.entries(knownIn(stored))) {
      try {
        config = mergeConfig(config, { [name]: value })
      } catch {
        if (last) dropped.push(name)
      }
    }
  }
  return { config, dropped }
}

const knownIn = (change: Readonly<Record<string, unknown>>): Record<string, unknown> => {
  const known: Record<string, unknown> = {}
  for (const name of Object.keys(Config.shape)) {
    if (Object.hasOwn(change, name) && change[name] !== undefined) known[name] = change[name]
  }
  return known
}

const invalid = (detail: string) => new AppError({ code: 'invalid', detail })
