import { z } from '@hono/zod-openapi'
import type { HttpContext } from '../../http/surface.ts'

/** Only the word `true` deletes for good: whatever else is read as no. */
export const PurgeQuery = z.object({
  purge: z
    .string()
    .optional()
    .openapi({ description: '`true`: delete the points as well and free the name' }),
})

export const isPurge = ({ purge }: z.infer<typeof PurgeQuery>): boolean => purge === 'true'

export const accepted = (context: HttpContext, message: string): Response =>
  context.json({ message }, 202)
