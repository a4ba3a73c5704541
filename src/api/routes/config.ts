import { z } from '@hono/zod-openapi'
import type { Accounts } from '../../accounts/accounts.ts'
import { Config } from '../../accounts/config.ts'
import { DATASETS } from '../../catalog/datasets.ts'
import { TIERS } from '../../catalog/tiers.ts'
import { endpoint, type Endpoint } from '../endpoint.ts'
import { megabytes, span, type RetentionState } from '../retention-state.ts'
import { isoOrNull } from '../views.ts'

const tag = 'Configuration'

const ConfigView = Config.extend({ app_version: z.string() }).openapi('Config')

/** The form alone is checked here; ranges, and how the settings fit together, are the accounts' to judge. */
export const ConfigChange = z.looseObject({})

const ConfigSettings = Config.partial().openapi('ConfigChange', {
  description: 'Any of the settings; unknown keys are ignored. All or nothing.',
})

const PreviewQuery = z.object({
  preview: z.string().optional().openapi({
    description: '`true`: nothing is changed, the answer says what would be deleted',
  }),
})

const Changed = z.union([
  z.object({ message: z.literal('Configuration updated'), config: ConfigView }),
  z.object({
    config: ConfigView,
    would_delete: z
      .array(
        z.object({
          dataset: z.enum(DATASETS),
          interval: z.enum(TIERS),
          points: z.number().int(),
          size_mb: z.number(),
        }),
      )
      .readonly(),
    will_keep: z
      .array(
        z.object({
          interval: z.enum(TIERS),
          retention_days: z.number().int().nullable().openapi({ description: 'null: for good' }),
          mb_per_day: z.number().nullable().openapi({
            description: 'By what is stored now; null while that is less than an hour',
          }),
        }),
      )
      .readonly(),
  }),
])

const Times = { oldest_record: z.string().nullable(), newest_record: z.string().nullable() }

const RetentionDetails = z
  .object({
    retention_days: z.number().int(),
    archive_enabled: z.boolean(),
    downsample_after_days: z.number().int(),
    downsample_interval: Config.shape.downsample_interval,
    current_data_size_mb: z.number(),
    ...Times,
    tiers: z.array(
      z.object({
        interval: z.enum(TIERS).openapi({ description: '`raw` is one row per sample' }),
        retention_days: z.number().int().nullable().openapi({ description: 'null: kept for good' }),
        size_mb: z.number(),
        ...Times,
      }),
    ),
  })
  .openapi('RetentionDetails')

export type RetentionDetails = z.infer<typeof RetentionDetails>
export type ConfigView = z.infer<typeof ConfigView>
export type ConfigPreview = Extract<z.infer<typeof Changed>, { will_keep: unknown }>

export type ConfigDeps = {
  readonly config: Accounts['config']
  readonly retention: RetentionState
  readonly version: string
}

/** The settings that a running server can change. */
export const configRoutes = ({ config, retention, version }: ConfigDeps): readonly Endpoint[] => {
  const view = (settings: Config) => ({ ...settings, app_version: version })
  return [
    endpoint({
      method: 'get',
      path: '/api/config',
      access: 'readers',
      tag,
      summary: 'The settings',
      answer: { status: 200, description: 'The settings', schema: ConfigView },
      handle: () => view(config.get()),
    }),
    endpoint({
      method: 'put',
      path: '/api/config',
      access: 'admins',
      tag,
      summary: 'Change settings; applied at once and kept',
      query: PreviewQuery,
      body: ConfigChange,
      bodyShown: ConfigSettings,
      answer: { status: 200, description: 'Changed, or what it would mean', schema: Changed },
      async handle({ query, body }) {
        if (query.preview === 'true') {
          const settings = config.preview(body)
          const [would_delete, will_keep] = await Promise.all([
            retention.wouldDelete(settings),
            retention.willKeep(settings),
          ])
          return { config: view(settings), would_delete, will_keep }
        }
        const settings = await retention.change(body)
        return { message: 'Configuration updated' as const, config: view(settings) }
      },
    }),
    endpoint({
      method: 'get',
      path: '/api/config/retention',
      access: 'readers',
      tag,
      summary: 'How long each tier is kept, and what it holds',
      answer: { status: 200, description: 'The tiers', schema: RetentionDetails },
      async handle() {
        const tiers = await retention.tiers()
        const settings = config.get()
        const all = span(tiers.map(({ extent }) => extent))
        return {
          retention_days: settings.retention_days,
          archive_enabled: settings.archive_enabled,
          downsample_after_days: settings.downsample_after_days,
          downsample_interval: settings.downsample_interval,
          current_data_size_mb: megabytes(tiers.reduce((sum, { extent }) => sum + extent.bytes, 0)),
          oldest_record: isoOrNull(all.oldest),
          newest_record: isoOrNull(all.newest),
          tiers: tiers.map(({ rule, extent }) => ({
            interval: rule.tier,
            retention_days: rule.days,
            size_mb: megabytes(extent.bytes),
            oldest_record: isoOrNull(extent.oldest),
            newest_record: isoOrNull(extent.newest),
          })),
        }
      },
    }),
  ]
}
