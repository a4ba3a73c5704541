import { accepts } from 'hono/accepts'
import { AppError } from '../../app-error.ts'
import { compare } from '../../history/compare.ts'
import { parseCompareQuestion } from '../../history/compare-question.ts'
import type { Answered, HistoryDeps } from '../../history/deps.ts'
import { given, parseFlag, type Parameters } from '../../history/parameters.ts'
import { parseRangeQuestion } from '../../history/range-question.ts'
import { range } from '../../history/range.ts'
import { types } from '../../history/types.ts'
import type { Bounded } from '../bounded.ts'
import type { Origins } from '../../http/client-address.ts'
import type { HttpContext } from '../../http/surface.ts'
import { endpoint, type Endpoint } from '../endpoint.ts'
import {
  CompareAnswer,
  CompareQuery,
  RangeAnswer,
  RangeQuery,
  Types,
  TypesQuery,
} from '../history-schemas.ts'
import { sendBytes } from '../../http/send.ts'

const tag = 'History'
const CSV = 'text/csv'
const UNKNOWN_HOST = { 404: 'The host has no points here' }
const BUSY = { 503: 'Too many questions at once; Retry-After says when to try again' }

export type HistoryRouteDeps = {
  readonly history: HistoryDeps
  readonly queries: Bounded
  readonly origins: Origins
}

/** Questions about the past: parsed and answered by history, sent as JSON or CSV. */
export const historyRoutes = (deps: HistoryRouteDeps): readonly Endpoint[] => {
  const { history, queries } = deps
  const send = async <V>(context: HttpContext, ask: () => Promise<Answered<V>>) => {
    const form = formOf(context)
    const answer = await queries.run(ask)
    const { incoming } = context.env
    const asked = { request: incoming, address: deps.origins.address(incoming) }
    return form === 'csv'
      ? sendBytes(new TextEncoder().encode(answer.csv()), csvHeaders(context), asked)
      : sendBytes(answer.json(), { 'Content-Type': 'application/json' }, asked)
  }
  return [
    endpoint({
      method: 'get',
      path: '/api/history/metrics',
      access: 'readers',
      tag,
      summary: 'A metric over a range of time',
      query: RangeQuery,
      answer: { status: 200, description: 'The windows', schema: RangeAnswer, media: [CSV] },
      others: { ...UNKNOWN_HOST, ...BUSY },
      handle({ query, context }) {
        const question = parseRangeQuestion(query)
        return send(context, () => range(question, history))
      },
    }),
    endpoint({
      method: 'get',
      path: '/api/history/metrics/types',
      access: 'readers',
      tag,
      summary: 'The metrics that can be asked for',
      query: TypesQuery,
      answer: { status: 200, description: 'Their names', schema: Types },
      handle: ({ query }) => types(parseFlag(query, 'all'), history),
    }),
    endpoint({
      method: 'get',
      path: '/api/history/compare',
      access: 'readers',
      tag,
      summary: 'Two periods of a metric, side by side',
      query: CompareQuery,
      answer: { status: 200, description: 'Both periods', schema: CompareAnswer, media: [CSV] },
      others: { ...UNKNOWN_HOST, ...BUSY },
      handle({ query, context }) {
        const question = parseCompareQuestion(query, history.clock.now())
        return send(context, () => compare(question, history))
      },
    }),
  ]
}

/** The form by the parameter, else by what the client accepts. */
const formOf = (context: HttpContext): 'json' | 'csv' => {
  const parameters: Parameters = context.req.query()
  const format = given(parameters, 'format')?.toLowerCase()
  if (format === 'csv' || format === 'json') return format
  if (format !== undefined)
    throw new AppError({ code: 'invalid', detail: 'format must be one of: csv, json' })
  const accepted = accepts(context, {
    header: 'Accept',
    supports: ['application/json', CSV],
    default: 'application/json',
  })
  return accepted === CSV ? 'csv' : 'json'
}

/** A name for the file that a browser makes of it; only letters, digits and `_ . -` of what was asked. */
const csvHeaders = (context: HttpContext): Record<string, string> => {
  const name = (context.req.query('metric_type') ?? '').replaceAll(/[^\w.-]/g, '_')
  return {
    'Content-Type': `${CSV}; charset=utf-8`,
    'Content-Disposition': `attachment; filename="perfwatch-${name}.csv"`,
  }
}
