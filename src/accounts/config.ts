import { z } from 'zod'

const days = (least: number) => z.number().int().min(least).max(3650)
const cores = /^(all|\d+(-\d+)?(,\d+(-\d+)?)*)$/

/** Every setting that a running server can change, with its range; the names are the wire contract's. */
export const Config = z.object({
  sampling_interval_seconds: z.number().int().min(1).max(3600),
  retention_days: days(1),
  archive_enabled: z.boolean(),
  downsample_after_days: days(0),
  downsample_interval: z.enum(['5s', '1m', '5m', '1h'], {
    error: 'Invalid downsample_interval. Must be one of: 1h, 1m, 5m, 5s',
  }),
  events_retention_days: days(0),
  logs_retention_days: days(0),
  pushed_retention_days: days(0),
  perf_events_enabled: z.boolean(),
  perf_events_cpu_cores: z
    .string()
    .regex(cores, { error: 'perf_events_cpu_cores must be all or a list such as 0-3,5' }),
  perf_events_interval_ms: z.number().int().min(100).max(60_000),
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
