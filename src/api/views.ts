import { z } from '@hono/zod-openapi'
import type { IngestToken, ListedUser, Project, User } from '../accounts/accounts.ts'
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

/** In the list of users, which admins alone get. */
export const ListedUserView = UserView.extend({
  tel_id: z.string().optional().openapi({ description: 'What LoggerBot’s /create_user was told' }),
}).openapi('ListedUser')
export type ListedUserView = z.infer<typeof ListedUserView>

export const TokenView = z
  .object({
    id: z.number().int(),
    name: z.string(),
    dataset: z.string().nullable(),
    host: z.string().nullable(),
    project: z.string().nullable(),
    prefix: z.string().nullable(),
    agent: z.boolean(),
    metrics: z.boolean(),
    points_per_second: z.number().int(),
    max_series: z.number().int(),
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
    token_required: z.boolean(),
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

export const listedUserView = (user: ListedUser): ListedUserView => ({
  ...userView(user),
  ...(user.telId !== null && { tel_id: user.telId }),
})

export const tokenView = (token: IngestToken): TokenView => ({
  id: token.id,
  name: token.name,
  dataset: token.dataset,
  host: token.host,
  project: token.project,
  prefix: token.prefix,
  agent: token.agent,
  metrics: token.metrics,
  points_per_second: token.pointsPerSecond,
  max_series: token.maxSeries,
  created_at: toIso(token.createdAt),
  last_used: isoOrNull(token.lastUsed),
})

export const projectView = ({
  id,
  title,
  owner,
  tokenRequired,
  createdAt,
}: Project): ProjectView => ({
  id,
  title,
  owner,
  token_required: tokenRequired,
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
