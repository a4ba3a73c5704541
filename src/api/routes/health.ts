import { z } from '@hono/zod-openapi'
import { endpoint, type Endpoint } from '../endpoint.ts'

const Health = z
  .object({
    status: z.enum(['healthy', 'degraded']),
    service: z.literal('perfwatch'),
    version: z.string().optional(),
    reasons: z.array(z.string()).readonly().optional(),
  })
  .openapi('Health', { description: 'Version and reasons only for those who are logged in.' })

export type HealthDeps = {
  /** Sentences that say what is wrong now; none: healthy. */
  readonly problems: () => readonly string[]
  readonly version: string
}

/** For whatever watches the server: by any host name, without a log-in. */
export const healthRoutes = ({ problems, version }: HealthDeps): readonly Endpoint[] => [
  endpoint({
    method: 'get',
    path: '/health',
    access: 'anyone',
    anyHost: true,
    tag: 'Service',
    summary: 'Is everything well?',
    answer: { status: 200, description: 'Healthy', schema: Health },
    others: { 503: 'Degraded; the reasons are for those who are logged in' },
    handle({ caller, context }) {
      const reasons = problems()
      const healthy = reasons.length === 0
      return context.json(
        {
          status: healthy ? 'healthy' : 'degraded',
          service: 'perfwatch',
          ...(caller !== null && { version, reasons }),
        },
        healthy ? 200 : 503,
      )
    },
  }),
]
