import { z } from '@hono/zod-openapi'
import type { Accounts } from '../../accounts/accounts.ts'
import { DATASETS } from '../../catalog/datasets.ts'
import { endpoint, type Endpoint } from '../endpoint.ts'
import { IdParams, TokenView, tokenView } from '../views.ts'

const tag = 'Ingest tokens'

/** What a token may be for: the journal is written by people, never by a token. */
const writable = DATASETS.filter((dataset) => dataset !== 'journal')

const NewToken = z.object({
  name: z.string(),
  dataset: z.enum(writable).nullish(),
  host: z.string().nullish().openapi({ description: 'The only host that it may write for' }),
  project: z
    .string()
    .nullish()
    .openapi({ description: 'The only project whose events it may write' }),
  prefix: z.string().nullish().openapi({ description: 'What its measurements must begin with' }),
  agent: z.boolean().optional().openapi({ description: 'It may write the metrics of its host' }),
  metrics: z.boolean().optional().openapi({ description: 'It may read /metrics, nothing else' }),
  points_per_second: z.number().nullish().openapi({ description: 'Lines it may send in a second' }),
  max_series: z.number().nullish().openapi({ description: 'Series it may send' }),
})

/** Tokens of programs that push; admins only. */
export const tokenRoutes = (tokens: Accounts['tokens']): readonly Endpoint[] => [
  endpoint({
    method: 'get',
    path: '/api/tokens',
    access: 'admins',
    tag,
    summary: 'All tokens, without their values',
    answer: {
      status: 200,
      description: 'The tokens',
      schema: z.object({ tokens: z.array(TokenView) }),
    },
    handle: async () => ({ tokens: (await tokens.list()).map(tokenView) }),
  }),
  endpoint({
    method: 'post',
    path: '/api/tokens',
    access: 'admins',
    tag,
    summary: 'Make a token',
    body: NewToken,
    answer: {
      status: 201,
      description: 'Made; the value is shown this once',
      schema: TokenView.extend({ token: z.string() }),
    },
    others: { 409: 'The name is taken' },
    async handle({ body }) {
      const { token, record } = await tokens.create({
        name: body.name,
        dataset: body.dataset ?? undefined,
        host: body.host ?? undefined,
        project: body.project ?? undefined,
        prefix: body.prefix ?? undefined,
        agent: body.agent,
        metrics: body.metrics,
        pointsPerSecond: body.points_per_second ?? undefined,
        maxSeries: body.max_series ?? undefined,
      })
      return { ...tokenView(record), token }
    },
  }),
  endpoint({
    method: 'delete',
    path: '/api/tokens/{id}',
    access: 'admins',
    tag,
    summary: 'Revoke a token',
    params: IdParams,
    answer: { status: 204, description: 'Revoked', schema: z.null() },
    async handle({ params }) {
      await tokens.remove(params.id)
      return null
    },
  }),
]
