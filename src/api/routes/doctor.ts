import { z } from '@hono/zod-openapi'
import { endpoint, type Endpoint } from '../endpoint.ts'

/** What `perfwatch doctor --json` writes. */
export const DoctorReport = z
  .object({
    healthy: z.boolean().openapi({ description: 'Nothing is broken' }),
    findings: z.array(
      z.object({
        check: z.string().openapi({ description: 'What was looked at', example: 'store' }),
        state: z.enum(['ok', 'absent', 'note', 'broken']).openapi({
          description:
            'ok: works; absent: this host does not have it; note: works, but have a look; broken: must be mended',
        }),
        says: z.string(),
        advice: z.string().optional(),
      }),
    ),
  })
  .openapi('DoctorReport')
export type DoctorReport = z.infer<typeof DoctorReport>

/** What works on this host and what does not; admins only, since it names folders and settings. */
export const doctorRoutes = (examine: () => Promise<DoctorReport>): readonly Endpoint[] => [
  endpoint({
    method: 'get',
    path: '/api/doctor',
    access: 'admins',
    tag: 'Service',
    summary: 'What `perfwatch doctor` says of this server',
    answer: { status: 200, description: 'What was found', schema: DoctorReport },
    handle: examine,
  }),
]
