import { z } from '@hono/zod-openapi'
import type { Accounts, Caller, DoorSession } from '../../accounts/accounts.ts'
import { nameKey } from '../../accounts/names.ts'
import { AppError } from '../../app-error.ts'
import { clientSamples, sampleInstant, sessionSamples } from '../../history/client-cpu.ts'
import { given, invalid, required, type Parameters } from '../../history/parameters.ts'
import { parseTime } from '../../history/time-input.ts'
import { NOT_FOUND } from '../../http/refusal.ts'
import { SECOND, toIso } from '../../points/instant.ts'
import type { RecordStore } from '../../store/records.ts'
import { endpoint, type Endpoint } from '../endpoint.ts'
import { NOT_AUTHORIZED } from '../failure.ts'

const tag = 'Client CPU'

const text = (description: string, more: object = {}) =>
  z
    .string()
    .optional()
    .openapi({ description, ...more })

const Sessions = z.object({
  sessions: z.array(
    z.object({
      id: z.string(),
      user: z.string(),
      started_at: z.string(),
      last_at: z.string().nullable(),
      samples: z.number(),
    }),
  ),
})
export type ClientSessions = z.infer<typeof Sessions>
const SamplesQuery = z.object({
  session: text('An id of the list of sessions', { param: { required: true } }),
  start_time: text('The first time: ISO 8601 or Unix seconds; without it from the beginning'),
  end_time: text('The last time, in the range'),
  format: text('`csv`: the columns cpu and time (Unix seconds, as they were sent)', {
    enum: ['json', 'csv'],
    default: 'json',
  }),
})
const Samples = z.object({
  session: z.string(),
  user: z.string(),
  data_points: z.array(z.object({ timestamp: z.string(), cpu: z.number() })),
})

export type ClientSamples = z.infer<typeof Samples>

export type ClientCpuDeps = {
  readonly sessions: Pick<Accounts['doorSessions'], 'list' | 'find'>
  readonly records: Pick<RecordStore, 'values' | 'series'>
}

/** What the clients of PerformanceMonitor have sent, for the page: everybody their own, an admin all. */
export const clientCpuRoutes = ({ sessions, records }: ClientCpuDeps): readonly Endpoint[] => [
  endpoint({
    method: 'get',
    path: '/api/client-cpu/sessions',
    access: 'everyone',
    tag,
    summary: 'The sessions of clients, the oldest first',
    query: z.object({
      user: text('Of this user; an admin may name anyone, and without it gets all'),
    }),
    answer: {
      status: 200,
      description: 'The sessions; the hash is never among it',
      schema: Sessions,
    },
    async handle({ query, caller }) {
      const user = meant(caller, given(query, 'user'))
      const all = await sessions.list(user)
      const [first] = all
      if (first === undefined) return { sessions: [] }
      // the name as it is stored; who asks for one's own does not make the store count everybody's
      const counted = await sessionSamples(records, user === undefined ? undefined : first.username)
      return {
        sessions: all.map(({ id, username, startedAt }) => {
          const samples = counted.get(id)
          return {
            id,
            user: username,
            started_at: toIso(startedAt),
            last_at: samples === undefined ? null : toIso(samples.last),
            samples: samples?.count ?? 0,
          }
        }),
      }
    },
  }),
  endpoint({
    method: 'get',
    path: '/api/client-cpu',
    access: 'everyone',
    tag,
    summary: 'The CPU samples of a session',
    query: SamplesQuery,
    answer: { status: 200, description: 'By time', schema: Samples, media: ['text/csv'] },
    others: { 404: 'There is no such session, or it is another user’s' },
    async handle({ query, caller, context }) {
      const format = formOf(query)
      const session = await readable(sessions, caller, required(query, 'session'))
      const { time, cpu } = await clientSamples(records, {
        user: session.username,
        session: session.id,
        from: secondsOf(query, 'start_time'),
        to: secondsOf(query, 'end_time'),
      })
      if (format === 'csv') {
        const lines = Array.from(time, (at, place) => `${cpu[place]},${at}\r\n`)
        return context.body(`cpu,time\r\n${lines.join('')}`, 200, {
          'Content-Type': 'text/csv; charset=utf-8',
          'Content-Disposition': `attachment; filename="perfwatch-${session.id}.csv"`,
        })
      }
      return {
        session: session.id,
        user: session.username,
        data_points: Array.from(time, (at, place) => ({
          timestamp: toIso(sampleInstant(at)),
          cpu: cpu[place] ?? 0,
        })),
      }
    },
  }),
]

/** Whose sessions; undefined: everybody's. */
const meant = ({ user }: Caller, named: string | undefined): string | undefined => {
  if (user.role === 'admin') return named
  if (named === undefined || nameKey(named) === nameKey(user.username)) return user.username
  throw new AppError({ code: 'forbidden', detail: NOT_AUTHORIZED })
}

const readable = async (
  sessions: ClientCpuDeps['sessions'],
  { user }: Caller,
  id: string,
): Promise<DoorSession> => {
  const session = await sessions.find(id)
  const isOwn = session !== null && nameKey(session.username) === nameKey(user.username)
  if (session !== null && (isOwn || user.role === 'admin')) return session
  throw new AppError({ code: 'not-found', detail: NOT_FOUND })
}

const formOf = (query: Parameters): 'json' | 'csv' => {
  const format = given(query, 'format')?.toLowerCase() ?? 'json'
  if (format === 'json' || format === 'csv') return format
  throw invalid('format must be one of: csv, json')
}

const secondsOf = (query: Parameters, name: string): number | undefined => {
  const asked = given(query, name)
  return asked === undefined ? undefined : parseTime(name, asked) / SECOND
}
