import { z } from '@hono/zod-openapi'
import type { HttpContext } from '../../http/surface.ts'
import { endpoint, type Endpoint } from '../endpoint.ts'
import type { Page } from '../page.ts'
import { userView } from '../views.ts'

const Service = z
  .object({
    name: z.literal('PerfWatch'),
    version: z.string(),
    docs: z.string(),
    health: z.string(),
  })
  .openapi('Service')

/** A program that asks for JSON, and nothing that a browser asks for. */
const wantsJson = ({ req }: HttpContext): boolean => {
  const accept = req.header('accept') ?? ''
  return accept.includes('application/json') && !accept.includes('text/html')
}

export type IndexDeps = {
  readonly version: string
  readonly registration: boolean
  readonly basePath: string
  /** Undefined where it was not built: the service says what it is. */
  readonly page: Page | undefined
}

/** What stands at `/`: the page, or for programs what the server is. */
export const indexRoutes = ({
  version,
  registration,
  basePath,
  page,
}: IndexDeps): readonly Endpoint[] => [
  endpoint({
    method: 'get',
    path: '/',
    access: 'anyone',
    tag: 'Service',
    summary: 'The page; as JSON what this server is, and where to go on',
    answer: { status: 200, description: 'The service', schema: Service, media: ['text/html'] },
    handle: ({ context, caller }) =>
      page !== undefined && !wantsJson(context)
        ? page.index({ version, registration, user: caller && userView(caller.user) })
        : {
            name: 'PerfWatch' as const,
            version,
            docs: `${basePath}/docs`,
            health: `${basePath}/health`,
          },
  }),
]
