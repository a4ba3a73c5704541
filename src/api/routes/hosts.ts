import { z } from '@hono/zod-openapi'
import type { Logger } from 'pino'
import { endpoint, type Endpoint } from '../endpoint.ts'
import { HostView, type HostRegistry } from '../host-registry.ts'
import { Message } from '../views.ts'

const tag = 'Hosts'

/** The machines that have points here. */
export const hostRoutes = (hosts: HostRegistry, log: Logger): readonly Endpoint[] => [
  endpoint({
    method: 'get',
    path: '/api/hosts',
    access: 'readers',
    tag,
    summary: 'Every host that has points here',
    answer: {
      status: 200,
      description: 'The hosts, by name',
      schema: z.object({ hosts: z.array(HostView).readonly() }),
    },
    handle: async () => ({ hosts: await hosts.list() }),
  }),
  endpoint({
    method: 'delete',
    path: '/api/hosts/{host}',
    access: 'admins',
    tag,
    summary: 'Delete a host with all its points',
    params: z.object({ host: z.string() }),
    answer: { status: 202, description: 'The deletion has begun', schema: Message },
    async handle({ params: { host } }) {
      await hosts.meant(host)
      // years of points take longer than a request should: the list leaves the host out meanwhile
      hosts.remove(host).then(
        () => log.info({ host }, 'A host and its points were deleted.'),
        (err: unknown) => log.error({ err, host }, 'The points of a host could not be deleted.'),
      )
      return { message: `The points of ${host} are being deleted` }
    },
  }),
]
