import { z } from 'zod'
import type { Accounts, IngestToken } from '../accounts/accounts.ts'
import { AppError } from '../app-error.ts'
import type { RecordDataset } from '../catalog/records.ts'
import { dialect } from '../http/dialect.ts'
import type { HttpContext, Route, Surface } from '../http/surface.ts'
import type { Clock } from '../points/clock.ts'
import { DAY, instant, type Instant } from '../points/instant.ts'
import { PRECISIONS, type Precision } from '../points/parse-line.ts'
import type { RecordStore } from '../store/records.ts'
import type { SeriesStore } from '../store/store.ts'
import { textOf } from './body.ts'
import { PUSH_BUCKETS, takeLines, type PushBucket, type Taken } from './lines.ts'
import { createQuotas } from './scope.ts'

/** Counters since the start. */
export type PushFigures = {
  readonly linesTaken: number
  readonly linesDropped: number
  readonly stringsDropped: number
  readonly linesRestamped: number
}

export type PushDeps = {
  readonly accounts: Pick<Accounts, 'tokens' | 'projects' | 'config'>
  readonly store: Pick<SeriesStore, 'write'>
  readonly records: Pick<RecordStore, 'append'>
  readonly clock: Clock
}

export type Push = { readonly surface: Surface; figures(): PushFigures }

const MAX_BODY = 10 * 1024 * 1024

/** InfluxDB's own words for a status. */
const CODES: Readonly<Record<number, string>> = {
  400: 'invalid',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not found',
  405: 'method not allowed',
  413: 'request too large',
  421: 'misdirected request',
  429: 'too many requests',
  503: 'unavailable',
}

const Query = z.object({
  bucket: z.string().optional(),
  precision: z.string().optional(),
  org: z.string().optional(),
})
const Refusal = z.object({ code: z.string(), message: z.string() })

/** InfluxDB's write API, for whatever speaks it; errors are `{"code","message"}` as InfluxDB's. */
export const openPush = (deps: PushDeps): Push => {
  const quotas = createQuotas(deps.clock.monotonic)
  const figures = { linesTaken: 0, linesDropped: 0, stringsDropped: 0, linesRestamped: 0 }
  const route: Route = {
    method: 'post',
    path: '/api/v2/write',
    maxBody: MAX_BODY,
    docs: {
      tag: 'Push',
      summary: 'Write line protocol, as to InfluxDB',
      description: `\`Authorization: Token\` or \`Bearer\` with an ingest token. \`bucket\` is one of ${PUSH_BUCKETS.join(', ')} (pushed), \`precision\` one of ${PRECISIONS.join(', ')} (ns); \`org\` is ignored. gzip is welcome.`,
      query: Query,
      body: 'text/plain',
      answers: {
        204: { description: 'All is stored' },
        400: { description: 'No line is good', schema: Refusal },
        401: { description: 'No token, or an unknown one', schema: Refusal },
        403: { description: 'Outside the scope of the token; nothing is written', schema: Refusal },
        404: { description: 'There is no such bucket', schema: Refusal },
        413: { description: 'Over 10 MB, packed or unpacked', schema: Refusal },
        422: { description: 'Some lines are bad; the others are stored', schema: Refusal },
        429: { description: 'Over the quota, or the spool is full', schema: Refusal },
      },
    },
    handle: async (context, body) => {
      const token = await tokenOf(deps, context)
      const { bucket, precision } = targetOf(context)
      if (token.metrics) throw forbidden(`the token ${token.name} may read /metrics only`)
      const text = await textOf(body, context.req.header('content-encoding'), MAX_BODY)
      const now = deps.clock.now()
      const taken = await takeLines(text, {
        token,
        bucket,
        precision,
        now,
        oldestKept: oldestKept(deps, bucket, now),
        projectOf: async (title) => (await deps.accounts.projects.find(title))?.title ?? null,
        admits: (series) => quotas.admits(token, series),
      })
      quotas.take(token, taken.points.length + taken.records.length)
      await store(deps, bucket, taken)
      figures.linesTaken += taken.good
      figures.linesDropped += taken.dropped.length
      figures.stringsDropped += taken.droppedStrings
      figures.linesRestamped += taken.restamped
      return answerTo(context, taken)
    },
  }
  return {
    surface: {
      name: 'Push',
      failureOf: dialect({
        body: (status, message) => ({ code: CODES[status] ?? 'internal error', message }),
        unexpected: 'An internal error has occurred - check server logs',
      }),
      routes: [route],
    },
    figures: () => figures,
  }
}

const TOKEN = /^(?:token|bearer) +(\S+) *$/i

const tokenOf = async ({ accounts }: PushDeps, context: HttpContext): Promise<IngestToken> => {
  const value = TOKEN.exec(context.req.header('authorization') ?? '')?.[1]
  const token = value === undefined ? null : await accounts.tokens.verify(value)
  if (token === null) throw new AppError({ code: 'unauthenticated', detail: 'unauthorized access' })
  return token
}

const targetOf = (
  context: HttpContext,
): { readonly bucket: PushBucket; readonly precision: Precision } => {
  const { bucket: named = '', precision: asked = '' } = context.req.query()
  const bucket = PUSH_BUCKETS.find((one) => one === (named || 'pushed'))
  if (bucket === undefined)
    throw new AppError({ code: 'not-found', detail: `bucket "${named}" not found` })
  const precision = PRECISIONS.find((one) => one === (asked || 'ns'))
  if (precision === undefined)
    throw new AppError({
      code: 'invalid',
      detail: 'invalid precision; valid precision units are ns, us, ms, and s',
    })
  return { bucket, precision }
}

const DAYS_SETTING = {
  pushed: 'pushed_retention_days',
  metrics: 'downsample_after_days',
  events: 'events_retention_days',
  logs: 'logs_retention_days',
} as const satisfies Record<PushBucket, string>

const oldestKept = ({ accounts }: PushDeps, bucket: PushBucket, now: Instant): Instant | null => {
  const days = accounts.config.get()[DAYS_SETTING[bucket]]
  return days === 0 ? null : instant(now - days * DAY)
}

const store = async (deps: PushDeps, bucket: PushBucket, taken: Taken): Promise<void> => {
  if (taken.points.length > 0 && (bucket === 'pushed' || bucket === 'metrics'))
    await deps.store.write(bucket, taken.points)
  if (taken.records.length > 0) await deps.records.append(bucket as RecordDataset, taken.records)
}

const answerTo = (context: HttpContext, { dropped, good }: Taken): Response => {
  const [first] = dropped
  if (first === undefined) return context.body(null, 204)
  return good === 0
    ? context.json({ code: 'invalid', message: first }, 400)
    : context.json(
        {
          code: 'unprocessable entity',
          message: `partial write: ${first} dropped=${dropped.length}`,
        },
        422,
      )
}

const forbidden = (detail: string) => new AppError({ code: 'forbidden', detail })
