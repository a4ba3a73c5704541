import { OpenAPIHono, z } from '@hono/zod-openapi'
import { ACCESS } from './access.ts'
import type { Route } from '../http/surface.ts'
import type { Endpoint } from './endpoint.ts'
import { metricSchemas } from './metric-schemas.ts'
import { Message } from './views.ts'

type Registry = OpenAPIHono['openAPIRegistry']

export const ApiError = z
  .object({ detail: z.string().openapi({ example: 'Not authenticated' }) })
  .openapi('Error', { description: 'What is wrong, in a sentence that says what to do.' })

const InternalError = z
  .object({ detail: z.literal('Internal server error'), error_id: z.string() })
  .openapi('InternalError', { description: 'The id also stands in the line of the log.' })

const MEANINGS: Readonly<Record<number, string>> = {
  400: 'The input is not valid; the sentence names the field',
  401: 'No credential, or one that is wrong, expired or revoked',
  403: 'Not for this role, or a change by cookie from a foreign page',
  404: 'There is no such thing',
  413: 'The body is larger than 1 MB',
  421: 'The Host is unknown; ALLOWED_HOSTS adds it',
}

/** Puts an endpoint into the document, with every refusal that its access and its input make possible. */
const describe = (registry: Registry, endpoint: Endpoint): void => {
  const { method, path, tag, summary, description, params, query, answer } = endpoint
  const body = endpoint.bodyShown ?? endpoint.body
  registry.registerPath({
    method,
    path,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    operationId: operationId(endpoint),
    security: securityOf(endpoint),
    request: {
      ...(isObject(params) && { params }),
      ...(isObject(query) && { query }),
      ...(body !== undefined && {
        body: { required: true, content: { 'application/json': { schema: body } } },
      }),
    },
    responses: {
      [answer.status]: {
        description: answer.description,
        ...contentOf(answer),
      },
      ...Object.fromEntries(
        Object.entries(othersOf(endpoint)).map(([status, meaning]) => [
          status,
          { description: meaning, content: { 'application/json': { schema: saying(status) } } },
        ]),
      ),
      500: {
        description: 'Something that nobody foresaw',
        content: { 'application/json': { schema: InternalError } },
      },
    },
  })
}

/** Routes of other surfaces, in their own words. */
const describeRoute = (registry: Registry, { method, path, docs }: Route): void => {
  if (docs === undefined) return
  const { tag, summary, description, params, query, headers, body, answers } = docs
  registry.registerPath({
    method,
    path,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    operationId: operationId({ method, path }),
    request: {
      ...(params && { params }),
      ...(query && { query }),
      ...(headers && { headers }),
      ...(body !== undefined && { body: { required: true, content: bodyContent(body) } }),
    },
    responses: Object.fromEntries(
      Object.entries(answers).map(([status, { description: meaning, schema }]) => [
        status,
        {
          description: meaning,
          ...(schema && { content: { 'application/json': { schema } } }),
        },
      ]),
    ),
  })
}

const bodyContent = (body: z.ZodType | string) =>
  typeof body === 'string'
    ? { [body]: { schema: z.string() } }
    : { 'application/json': { schema: body } }

const saying = (status: string): z.ZodType => (Number(status) < 400 ? Message : ApiError)

/** The statuses that follow from what an endpoint takes, and those it names itself. */
const othersOf = (endpoint: Endpoint): Record<number, string> => {
  const statuses = [
    ...(endpoint.query !== undefined || endpoint.body !== undefined ? [400] : []),
    ...(endpoint.access === 'anyone' ? [] : [401]),
    ...(endpoint.access === 'anyone' || endpoint.access === 'everyone' ? [] : [403]),
    ...(endpoint.params === undefined ? [] : [404]),
    ...(endpoint.body === undefined ? [] : [413]),
    ...(endpoint.anyHost === true ? [] : [421]),
  ]
  return {
    ...Object.fromEntries(statuses.map((status) => [status, MEANINGS[status] ?? ''])),
    ...endpoint.others,
  }
}

const contentOf = ({ status, schema, media }: Endpoint['answer']) => {
  if (status === 101 || status === 204 || (schema === undefined && media === undefined)) return {}
  return {
    content: {
      ...(schema && { 'application/json': { schema } }),
      ...Object.fromEntries((media ?? []).map((type) => [type, { schema: z.string() }])),
    },
  }
}

const securityOf = ({ access, alsoBy }: Endpoint): Record<string, string[]>[] => {
  if (ACCESS[access] === null) return []
  return [{ bearer: [] }, { cookie: [] }, ...(alsoBy === undefined ? [] : [{ metricsToken: [] }])]
}

const operationId = ({ method, path }: Pick<Route, 'method' | 'path'>): string =>
  [method, ...path.replaceAll(/[{}]/g, '').split('/')]
    .filter((word) => word !== '' && word !== 'api')
    .map((word) => word.replaceAll(/[^a-z0-9]+/gi, '-'))
    .join('-')

const isObject = (schema: z.ZodType | undefined): schema is z.ZodObject =>
  schema instanceof z.ZodObject

/** The whole document, OpenAPI 3.1. */
export const openApiDocument = (
  endpoints: readonly Endpoint[],
  others: readonly Route[],
  { version, basePath }: { version: string; basePath: string },
) => {
  // it serves nothing: only its registry writes documents
  const app = new OpenAPIHono()
  const registry = app.openAPIRegistry
  for (const endpoint of endpoints) describe(registry, endpoint)
  for (const route of others) describeRoute(registry, route)
  for (const [name, schema] of Object.entries(metricSchemas()))
    registry.registerComponent('schemas', name, schema)
  registry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The access_token of POST /api/auth/login.',
  })
  registry.registerComponent('securitySchemes', 'cookie', {
    type: 'apiKey',
    in: 'cookie',
    name: 'perfwatch',
    description:
      'The session cookie that the log-in sets (`__Host-perfwatch` over TLS). What changes something also needs an Origin of this server.',
  })
  registry.registerComponent('securitySchemes', 'metricsToken', {
    type: 'http',
    scheme: 'bearer',
    description: 'An ingest token made with `metrics`: it opens /metrics and nothing else.',
  })
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'PerfWatch',
      version,
      description: 'Host metrics, history and comparison, live frames, accounts and settings.',
      license: { name: 'MIT' },
    },
    servers: [{ url: basePath === '' ? '/' : basePath }],
  })
}
