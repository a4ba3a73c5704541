import { z } from '@hono/zod-openapi'
import { endpoint, type Endpoint } from '../endpoint.ts'

const Service = z
  .object({
    name: z.literal('PerfWatch'),
    version: z.string(),
    docs: z.string(),
    health: z.string(),
  })
  .openapi('Service')

/** What stands at `/`. */
export const indexRoutes = (version: string, basePath: string): readonly Endpoint[] => [
  endpoint({
    method: 'get',
    path: '/',
    access: 'anyone',
    tag: 'Service',
    summary: 'What this server is, and where to go on',
    answer: { status: 200, description: 'The service', schema: Service },
    handle: () => ({
      name: 'PerfWatch' as const,
      version,
      docs: `${basePath}/docs`,
      health: `${basePath}/health`,
    }),
  }),
]
