import { z } from '@hono/zod-openapi'
import { ROLES, type Accounts } from '../../accounts/accounts.ts'
import { endpoint, type Endpoint } from '../endpoint.ts'
import { IdParams, UserView, userView } from '../views.ts'
import { accepted, isPurge, PurgeQuery } from './purge.ts'

const tag = 'Users'

const NewUser = z.object({ username: z.string(), password: z.string(), role: z.enum(ROLES) })
const UserChange = z.object({ role: z.enum(ROLES).optional(), password: z.string().optional() })

const TAKEN = { 409: 'The name is taken, also by a deleted account' }
const LAST_ADMIN = { 409: 'This is the last admin' }

/** The accounts of people; admins only. */
export const userRoutes = (users: Accounts['users']): readonly Endpoint[] => [
  endpoint({
    method: 'get',
    path: '/api/users',
    access: 'admins',
    tag,
    summary: 'All users',
    answer: {
      status: 200,
      description: 'The users',
      schema: z.object({ users: z.array(UserView) }),
    },
    handle: async () => ({ users: (await users.list()).map(userView) }),
  }),
  endpoint({
    method: 'post',
    path: '/api/users',
    access: 'admins',
    tag,
    summary: 'Add a user',
    body: NewUser,
    answer: { status: 201, description: 'Added', schema: UserView },
    others: TAKEN,
    handle: async ({ body }) => userView(await users.create(body)),
  }),
  endpoint({
    method: 'patch',
    path: '/api/users/{id}',
    access: 'admins',
    tag,
    summary: 'Change a role or set a password; the sessions of that user end',
    params: IdParams,
    body: UserChange,
    answer: { status: 200, description: 'Changed', schema: UserView },
    others: LAST_ADMIN,
    handle: async ({ params, body }) => userView(await users.update(params.id, body)),
  }),
  endpoint({
    method: 'delete',
    path: '/api/users/{id}',
    access: 'admins',
    tag,
    summary: 'Remove a user',
    description:
      'The points stay for admins and the name is never given again; with `purge=true` both go (202).',
    params: IdParams,
    query: PurgeQuery,
    answer: { status: 204, description: 'Removed', schema: z.null() },
    others: { 202: 'Removed for good, with its points', ...LAST_ADMIN },
    async handle({ params, query, context }) {
      const purge = isPurge(query)
      await users.remove(params.id, { forget: purge })
      return purge ? accepted(context, 'The user is gone and the name is free.') : null
    },
  }),
]
