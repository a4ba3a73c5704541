import { z } from '@hono/zod-openapi'
import { ROLES, type Accounts } from '../../accounts/accounts.ts'
import { purgeUser } from '../../history/purge.ts'
import type { RecordStore } from '../../store/records.ts'
import { endpoint, type Endpoint } from '../endpoint.ts'
import { IdParams, ListedUserView, listedUserView, UserView, userView } from '../views.ts'
import { accepted, isPurge, PurgeQuery } from './purge.ts'

const tag = 'Users'

const NewUser = z.object({ username: z.string(), password: z.string(), role: z.enum(ROLES) })
const UserChange = z.object({ role: z.enum(ROLES).optional(), password: z.string().optional() })

const TAKEN = { 409: 'The name is taken, also by a deleted account' }
const LAST_ADMIN = { 409: 'This is the last admin' }

export type UserRouteDeps = Pick<Accounts, 'users' | 'projects'> & {
  readonly records: Pick<RecordStore, 'remove'>
}

/** The accounts of people; admins only. */
export const userRoutes = ({ users, projects, records }: UserRouteDeps): readonly Endpoint[] => [
  endpoint({
    method: 'get',
    path: '/api/users',
    access: 'admins',
    tag,
    summary: 'All users',
    answer: {
      status: 200,
      description: 'The users',
      schema: z.object({ users: z.array(ListedUserView) }),
    },
    handle: async () => ({ users: (await users.list()).map(listedUserView) }),
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
      const { id } = params
      if (!isPurge(query)) {
        await users.remove(id)
        return null
      }
      const name = await users.nameOf(id)
      const owned = name === null ? [] : await projects.list(name)
      // first nobody can send any more, at last the name is free
      if ((await users.get(id)) !== null) await users.remove(id)
      if (name !== null)
        await purgeUser(
          records,
          name,
          owned.map(({ title }) => title),
        )
      await users.remove(id, { forget: true })
      return accepted(context, 'The user is gone and the name is free.')
    },
  }),
]
