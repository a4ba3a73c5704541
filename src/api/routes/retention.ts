import { z } from '@hono/zod-openapi'
import type { Accounts } from '../../accounts/accounts.ts'
import { Config } from '../../accounts/config.ts'
import { endpoint, type Endpoint } from '../endpoint.ts'
import type { RetentionState } from '../retention-state.ts'
import { ConfigChange } from './config.ts'

const tag = 'Retention (as the original page asks)'

/** The settings that this older form of the same thing knows; what else it sends is not its own to change. */
const SETTINGS = Config.pick({
  retention_days: true,
  archive_enabled: true,
  downsample_after_days: true,
  downsample_interval: true,
})

const RETENTION_CHANGE = SETTINGS.partial().openapi('RetentionChange')

const RetentionView = SETTINGS.extend({
  id: z.literal(1),
  last_archive_run: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
  cleanup_enabled: z.literal(true),
  cleanup_interval_minutes: z.literal(60),
}).openapi('Retention')

const Cleanup = z
  .object({
    deleted_count: z.number().int().openapi({ description: 'Points deleted by this call' }),
    downsampled_count: z.number().int().openapi({ description: 'Windows written by this call' }),
    last_archive_run: z.string().nullable(),
  })
  .openapi('Cleanup')

export const retentionRoutes = (
  config: Accounts['config'],
  retention: RetentionState,
): readonly Endpoint[] => {
  const view = (settings: Config): z.infer<typeof RetentionView> => {
    const { lastRun, created, updated } = retention.times()
    return {
      id: 1,
      // strips what this view does not show
      ...SETTINGS.parse(settings),
      last_archive_run: lastRun,
      created_at: created,
      updated_at: updated,
      cleanup_enabled: true,
      cleanup_interval_minutes: 60,
    }
  }
  const known = Object.keys(SETTINGS.shape)
  return [
    endpoint({
      method: 'get',
      path: '/api/retention',
      access: 'readers',
      tag,
      summary: 'The retention settings',
      answer: { status: 200, description: 'The settings', schema: RetentionView },
      handle: () => view(config.get()),
    }),
    endpoint({
      method: 'put',
      path: '/api/retention',
      access: 'admins',
      tag,
      summary: 'Change the retention settings',
      body: ConfigChange,
      bodyShown: RETENTION_CHANGE,
      answer: { status: 200, description: 'Changed', schema: RetentionView },
      async handle({ body }) {
        const change = Object.entries(body).filter(([name]) => known.includes(name))
        return view(await retention.change(Object.fromEntries(change)))
      },
    }),
    endpoint({
      method: 'post',
      path: '/api/retention/cleanup',
      access: 'admins',
      tag,
      summary: 'Roll up and delete now what is due',
      answer: { status: 200, description: 'What was done', schema: Cleanup },
      async handle() {
        const { deleted, written } = await retention.run()
        return {
          deleted_count: deleted,
          downsampled_count: written,
          last_archive_run: retention.times().lastRun,
        }
      },
    }),
  ]
}
