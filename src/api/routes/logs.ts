import { z } from '@hono/zod-openapi'
import { LOG_LEVELS } from '../../catalog/records.ts'
import { findLogs, parseLogQuestion, type LogEntry } from '../../history/logs.ts'
import { toIso, type Instant } from '../../points/instant.ts'
import type { RecordStore } from '../../store/records.ts'
import { endpoint, type Endpoint } from '../endpoint.ts'

const text = (description: string, more: object = {}) =>
  z
    .string()
    .optional()
    .openapi({ description, ...more })

const LogsQuery = z.object({
  user: text('Records of this user; a client sees its own only'),
  level: text('The least level', { enum: [...LOG_LEVELS] }),
  text: text('A part of the message, in any case'),
  since: text('Not before: ISO 8601 (without an offset UTC) or Unix seconds'),
  until: text('Before'),
  limit: text('The most records, 1 to 1000', { default: '200' }),
  cursor: text('`next_cursor` of the page before'),
})

const Time = z.string().nullable().openapi({ example: '2025-01-18T10:00:00Z' })
const LogView = z
  .object({
    id: z.string(),
    user: z.string(),
    level: z.enum(LOG_LEVELS),
    msg: z.string(),
    event_at: Time,
    received_at: Time,
    post_time: Time,
    p_name: z.string(),
    pid: z.number().nullable(),
    p_description: z.string(),
    level_original: z
      .string()
      .optional()
      .openapi({ description: 'As it was sent, where it is none of the levels' }),
  })
  .openapi('Log')
export type LogView = z.infer<typeof LogView>
const Logs = z.object({ logs: z.array(LogView), next_cursor: z.string().nullable() })

const iso = (at: Instant | null): string | null => (at === null ? null : toIso(at))

/** A record as the API and the WebSocket show it. */
export const logView = (entry: LogEntry): LogView => ({
  ...entry,
  event_at: iso(entry.event_at),
  received_at: iso(entry.received_at),
  post_time: iso(entry.post_time),
})

/** Log records, whoever has sent them. */
export const logRoutes = (records: Pick<RecordStore, 'find'>): readonly Endpoint[] => [
  endpoint({
    method: 'get',
    path: '/api/logs',
    access: 'everyone',
    tag: 'Logs',
    summary: 'Log records, the newest first; a client gets its own',
    query: LogsQuery,
    answer: { status: 200, description: 'The records', schema: Logs },
    async handle({ query, caller: { user } }) {
      const question = parseLogQuestion(query)
      const isOthers = question.user !== undefined && question.user !== user.username
      if (user.role === 'client' && isOthers) return { logs: [], next_cursor: null }
      const own = user.role === 'client' ? { user: user.username } : {}
      const { logs, next } = await findLogs(records, { ...question, ...own })
      return { logs: logs.map(logView), next_cursor: next }
    },
  }),
]
