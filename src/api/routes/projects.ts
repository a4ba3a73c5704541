import { z } from '@hono/zod-openapi'
import type { Accounts } from '../../accounts/accounts.ts'
import { AppError } from '../../app-error.ts'
import { purgeProject } from '../../history/purge.ts'
import type { RecordStore } from '../../store/records.ts'
import { endpoint, type Endpoint } from '../endpoint.ts'
import { NOT_FOUND } from '../../http/refusal.ts'
import { IdParams, ProjectView, projectView } from '../views.ts'
import { accepted, isPurge, PurgeQuery } from './purge.ts'

const tag = 'Projects'

const NewProject = z.object({
  title: z.string(),
  token_required: z
    .boolean()
    .optional()
    .openapi({ description: 'Its events are taken only with an ingest token of this project' }),
})

export type ProjectRouteDeps = Pick<Accounts, 'projects'> & {
  readonly records: Pick<RecordStore, 'remove'>
}

/** Projects of timing events: an admin sees and removes all, a viewer sees all, a client has its own. */
export const projectRoutes = ({ projects, records }: ProjectRouteDeps): readonly Endpoint[] => [
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
    body: NewProject,
    answer: { status: 201, description: 'Added', schema: ProjectView },
    others: { 409: 'The title is taken, also by a deleted project' },
    handle: async ({ body, caller }) =>
      projectView(
        await projects.create({
          title: body.title,
          ownerId: caller.user.id,
          tokenRequired: body.token_required,
        }),
      ),
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
      const { id } = params
      if (!isPurge(query)) {
        await projects.remove(id)
        return null
      }
      const title = await projects.titleOf(id)
      // first nobody can send any more, at last the title is free
      if (title !== null && (await projects.find(title))?.id === id) await projects.remove(id)
      if (title !== null) await purgeProject(records, title)
      await projects.remove(id, { forget: true })
      return accepted(context, 'The project is gone and its title is free.')
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
