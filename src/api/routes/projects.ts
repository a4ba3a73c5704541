import { z } from '@hono/zod-openapi'
import type { Accounts } from '../../accounts/accounts.ts'
import { AppError } from '../../app-error.ts'
import { endpoint, type Endpoint } from '../endpoint.ts'
import { NOT_FOUND } from '../failure.ts'
import { IdParams, ProjectView, projectView } from '../views.ts'
import { accepted, isPurge, PurgeQuery } from './purge.ts'

const tag = 'Projects'

/** Projects of timing events: an admin sees and removes all, a viewer sees all, a client has its own. */
export const projectRoutes = (projects: Accounts['projects']): readonly Endpoint[] => [
  endpoint({
    method: 'get',
    path: '/api/projects',
    access: 'everyone',
    tag,
    summary: 'The projects; a client gets its own',
    answer: {
      status: 200,
      description: 'The projects',
      schema: z.object({ projects: z.array(ProjectView) }),
    },
    async handle({ caller: { user } }) {
      const owner = user.role === 'client' ? user.username : undefined
      return { projects: (await projects.list(owner)).map(projectView) }
    },
  }),
  endpoint({
    method: 'post',
    path: '/api/projects',
    access: 'owners',
    tag,
    summary: 'Add a project of your own',
    body: z.object({ title: z.string() }),
    answer: { status: 201, description: 'Added', schema: ProjectView },
    others: { 409: 'The title is taken, also by a deleted project' },
    handle: async ({ body, caller }) =>
      projectView(await projects.create({ title: body.title, ownerId: caller.user.id })),
  }),
  endpoint({
    method: 'delete',
    path: '/api/projects/{id}',
    access: 'owners',
    tag,
    summary: 'Remove a project',
    description:
      'Its points stay for admins and its title is never given again; with `purge=true` both go (202).',
    params: IdParams,
    query: PurgeQuery,
    answer: { status: 204, description: 'Removed', schema: z.null() },
    others: { 202: 'Removed for good, with its points' },
    async handle({ params, query, caller: { user }, context }) {
      if (user.role === 'client') await ownedBy(projects, user.username, params.id)
      const purge = isPurge(query)
      await projects.remove(params.id, { forget: purge })
      return purge ? accepted(context, 'The project is gone and its title is free.') : null
    },
  }),
]

/** Somebody else's project is as unknown to a client as one that never was. */
const ownedBy = async (
  projects: Accounts['projects'],
  owner: string,
  id: number,
): Promise<void> => {
  const own = await projects.list(owner)
  if (!own.some((project) => project.id === id))
    throw new AppError({ code: 'not-found', detail: NOT_FOUND })
}
