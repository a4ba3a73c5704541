import { z } from '@hono/zod-openapi'
import type { IngestToken, Project, User } from '../accounts/accounts.ts'
import { ROLES } from '../accounts/accounts.ts'
import { toIso, type Instant } from '../points/instant.ts'

/** How the things of the accounts look in JSON; the schemas describe what the functions give. */
const Time = z.string().openapi({ format: 'date-time', example: '2025-01-18T10:00:00Z' })

export const Message = z.object({ message: z.string() }).openapi('Message')
export type Message = z.infer<typeof Message>

export const UserView = z
  .object({
    id: z.number().int(),
    username: z.string(),
    role: z.enum(ROLES),
    created_at: Time,
    last_login: Time.nullable(),
  })
  .openapi('User')
export type UserView = z.infer<typeof UserView>

export const TokenView = z
  .object({
    id: z.number().int(),
    name: z.string(),
    dataset: z.string().nullable(),
    host: z.string().nullable(),
    prefix: z.string().nullable(),
    created_at: Time,
    last_used: Time.nullable(),
  })
  .openapi('IngestToken')
export type TokenView = z.infer<typeof TokenView>

export const ProjectView = z
  .object({
    id: z.number().int(),
    title: z.string(),
    owner: z.string(),
    created_at: Time,
  })
  .openapi('Project')
export type ProjectView = z.infer<typeof ProjectView>

export { Time }

export const isoOrNull = (at: Instant | null): string | null => (at === null ? null : toIso(at))

export const userView = ({ id, username, role, createdAt, lastLogin }: User): UserView => ({
  id,
  username,
  role,
  created_at: toIso(createdAt),
  last_login: isoOrNull(lastLogin),
})

export const tokenView = (token: IngestToken): TokenView => ({
  id: token.id,
  name: token.name,
  dataset: token.dataset,
  host: token.host,
  prefix: token.prefix,
  created_at: toIso(token.createdAt),
  last_used: isoOrNull(token.lastUsed),
})

export const projectView = ({ id, title, owner, createdAt }: Project): ProjectView => ({
  id,
  title,
  owner,
  created_at: toIso(createdAt),
})

/** The id of a path: digits only, so that `1e3` or `0x1` name nothing. */
export const IdParams = z.object({
  id: z
    .string()
    .regex(/^[1-9]\d{0,14}$/)
    .transform(Number)
    .openapi({ type: 'integer', example: 1 }),
})
