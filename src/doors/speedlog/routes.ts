import type { z } from 'zod'
import type { Caller, IngestToken, Project } from '../../accounts/accounts.ts'
import { mayReadProject } from '../../accounts/projects.ts'
import { mayPush } from '../../accounts/token-scope.ts'
import { AppError } from '../../app-error.ts'
import { eventDuration } from '../../catalog/records.ts'
import { eventStatistics, isEventGroup } from '../../history/events.ts'
import { dialect } from '../../http/dialect.ts'
import { bearerOf } from '../../http/identity.ts'
import { jsonOf } from '../../http/json-body.ts'
import type { HttpContext, Route, Surface } from '../../http/surface.ts'
import { instant } from '../../points/instant.ts'
import type { DoorDeps } from '../door.ts'
import { createEventLimits } from './event-limits.ts'
import { parseUtc, toGroup, toRecord } from './mapper.ts'
import {
  EventBody,
  EventFields,
  EventGroupAnswer,
  LoginAnswer,
  LoginBody,
  ProjectBody,
  Refusal,
  Saved,
} from './wire.ts'

const WRONG_LOGIN = 'invalid login or password'
const tag = 'Speedlog'

/** The paths of seed Speedlog; errors are `{"message"}`. */
export const speedlogSurface = (deps: DoorDeps): Surface => {
  const events = eventRoute(deps)
  return {
    name: 'Speedlog',
    failureOf: dialect({
      body: (_status, message) => ({ message }),
      // its private paths know no 401
      statuses: { unauthenticated: 403 },
      unexpected: 'Internal server error',
    }),
    routes: [
      loginRoute(deps),
      projectRoute(deps),
      statisticsRoute(deps),
      { ...events, method: 'put' },
      { ...events, method: 'post' },
    ],
  }
}

const loginRoute = ({ accounts, origins }: DoorDeps): Route => ({
  method: 'post',
  path: '/login/',
  docs: {
    tag,
    summary: 'A token for /private',
    body: LoginBody,
    answers: {
      200: { description: 'The token', schema: LoginAnswer },
      400: { description: 'Any failure', schema: Refusal },
      429: { description: 'Too many failures', schema: Refusal },
    },
  },
  handle: async (context, body) => {
    const given = LoginBody.safeParse(jsonOrNothing(body))
    if (!given.success) throw invalid(WRONG_LOGIN)
    const { login: username, password } = given.data
    const address = origins.address(context.env.incoming)
    try {
      const { token } = await accounts.speedlog.login({ username, password, address })
      return context.json({ token })
    } catch (error) {
      if (error instanceof AppError && error.code === 'unauthenticated') throw invalid(WRONG_LOGIN)
      throw error
    }
  },
})

const projectRoute = (deps: DoorDeps): Route => ({
  method: 'put',
  path: '/private/project/',
  docs: {
    tag,
    summary: 'Make a project',
    body: ProjectBody,
    answers: {
      200: { description: 'Made; no body' },
      400: { description: 'No title, or one that cannot be', schema: Refusal },
      403: { description: 'No token, or a bad one', schema: Refusal },
      409: { description: 'The title is taken', schema: Refusal },
    },
  },
  handle: async (context, body) => {
    const { user } = await callerOf(deps, context)
    if (user.role === 'viewer')
      throw new AppError({ code: 'forbidden', detail: 'A viewer makes no projects.' })
    const { title } = parsed(ProjectBody, jsonOf(body))
    await deps.accounts.projects.create({ title, ownerId: user.id })
    return context.body(null, 200)
  },
})

/** A request that lacks one of them finds no route. */
const PARAMETERS = ['metric_name', 'metric_time_from', 'metric_time_to', 'group_by'] as const

const statisticsRoute = (deps: DoorDeps): Route => ({
  method: 'get',
  path: '/private/{project}/events/',
  docs: {
    tag,
    summary: 'Statistics of a metric by minutes, hours or days',
    description: `Needs all of ${PARAMETERS.join(', ')}; \`null\` where there is nothing.`,
    answers: {
      200: { description: 'The groups in order', schema: EventGroupAnswer.array().nullable() },
      400: { description: 'A time or group_by that is none', schema: Refusal },
      403: { description: 'No token, or a bad one', schema: Refusal },
      404: { description: 'A parameter is missing, or the project unknown', schema: Refusal },
    },
  },
  handle: async (context) => {
    const query = context.req.query()
    const [metric, from, to, groupBy] = PARAMETERS.map((name) => query[name] ?? '')
    if (!metric || !from || !to || !groupBy) throw notFound()
    const { user } = await callerOf(deps, context)
    if (!isEventGroup(groupBy)) throw invalid('group_by must be one of: minutes, hours, days')
    const range = { from: timeOf('metric_time_from', from), to: timeOf('metric_time_to', to) }
    const project = await deps.accounts.projects.find(titleIn(context))
    if (project === null || !mayReadProject(user, project)) throw notFound()
    const groups = await eventStatistics(deps.records, {
      project: project.title,
      metric,
      range,
      groupBy,
    })
    return context.json(
      groups.length === 0 ? null : groups.map((group) => toGroup(project.id, metric, group)),
    )
  },
})

const eventRoute = (deps: DoorDeps): Omit<Route, 'method'> => {
  const { accounts, records, clock } = deps
  const limits = createEventLimits(deps)
  return {
    path: '/{project}/event/',
    docs: {
      tag,
      summary: 'Send a timing event; it stands at its arrival',
      description: 'Without a token, but where the project was made with --token-required.',
      body: EventFields,
      answers: {
        200: { description: 'Kept', schema: Saved },
        400: { description: 'No JSON, a missing or bad field', schema: Refusal },
        403: { description: 'The project wants a token', schema: Refusal },
        404: { description: 'There is no such project', schema: Refusal },
        429: { description: 'Too many events a second', schema: Refusal },
      },
    },
    handle: async (context, body) => {
      const project = await accounts.projects.find(titleIn(context))
      if (project === null) throw notFound()
      if (project.tokenRequired) await checkToken(deps, context, project)
      const event = parsed(EventBody, jsonOf(body))
      await limits.check(project.title, event.metric)
      await records.append(eventDuration.dataset, [toRecord(project.title, event, clock.now())])
      return context.json({ saved: true })
    },
  }
}

const checkToken = async ({ accounts }: DoorDeps, context: HttpContext, project: Project) => {
  const value = bearerOf(context.env.incoming)
  const token = value === undefined ? null : await accounts.tokens.verify(value)
  if (token === null || !opens(token, project))
    throw new AppError({
      code: 'forbidden',
      detail: 'This project takes events only with an ingest token of its own.',
    })
}

const opens = (token: IngestToken, { title }: Project): boolean =>
  token.project === title &&
  mayPush(token, {
    dataset: eventDuration.dataset,
    measurement: eventDuration.measurement,
    host: null,
    project: title,
  })

const callerOf = async ({ accounts }: DoorDeps, context: HttpContext): Promise<Caller> => {
  const token = bearerOf(context.env.incoming)
  const caller = token === undefined ? null : await accounts.speedlog.byBearer(token)
  if (caller === null)
    throw new AppError({ code: 'unauthenticated', detail: 'The token is missing or not valid' })
  return caller
}

const titleIn = (context: HttpContext): string => context.req.param('project') ?? ''

const timeOf = (name: string, text: string) => {
  const ms = parseUtc(text)
  if (ms === undefined) throw invalid(`${name} must be a time such as 2019-08-02T00:00:00`)
  return instant(ms)
}

const parsed = <S extends z.ZodType>(schema: S, value: unknown): z.output<S> => {
  const found = schema.safeParse(value)
  if (found.success) return found.data
  const issue = found.error.issues[0]
  throw invalid(
    issue?.path.length === 0
      ? 'The request body must be a JSON object'
      : `${issue?.path.join('.')} is missing or not valid`,
  )
}

const jsonOrNothing = (body: Buffer): unknown => {
  try {
    return jsonOf(body)
  } catch {
    return undefined
  }
}

const invalid = (detail: string) => new AppError({ code: 'invalid', detail })
const notFound = () => new AppError({ code: 'not-found', detail: 'Not found' })
