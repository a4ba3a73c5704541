import { WebSocket } from 'ws'
import { z } from 'zod'
import { AppError } from '../../app-error.ts'
import { LOG_LEVELS } from '../../catalog/records.ts'
import { findLogs, parseLogFilter, parseLogQuestion, type LogEntry } from '../../history/logs.ts'
import { instant, MINUTE, SECOND, toIso } from '../../points/instant.ts'
import type { Cli } from '../cli.ts'
import { get, parseReply, serverAccess, type ServerAccess } from './server-access.ts'
import type { Params, SourceOptions } from './source.ts'

/** A log record as a command shows it. */
export type ShownLog = Pick<LogEntry, 'id' | 'user' | 'level' | 'msg' | 'p_name' | 'pid'> & {
  /** ISO; when it happened, else when it arrived. */
  readonly time: string
}

export type LogSource = {
  /** The newest of what the parameters of `GET /api/logs` mean, oldest first. */
  readonly newest: (params: Params) => Promise<readonly ShownLog[]>
  /** Records as they come, until `stop` aborts. Rejects when they cannot come any more. */
  readonly follow: (
    params: Params,
    onLogs: (logs: readonly ShownLog[]) => void,
    stop: AbortSignal,
  ) => Promise<void>
  readonly close: () => Promise<void>
}

/** A server over its API, or the data folder. */
export const openLogSource = async (cli: Cli, options: SourceOptions): Promise<LogSource> => {
  const url =
    options.url ?? (options.dataDir === undefined ? cli.cliSettings().PERFWATCH_URL : undefined)
  return url === undefined
    ? fromFolder(cli, options.dataDir)
    : fromServer(await serverAccess(cli, { url, tokenFile: options.tokenFile }))
}

/** How often a folder is looked at, and how late a record may come to be seen. */
const LOOK_EVERY_MS = SECOND
const LATE_MS = 15 * MINUTE

const fromFolder = async (cli: Cli, dataDir: string | undefined): Promise<LogSource> => {
  const store = await cli.rooms.openStore(cli.settings({ DATA_DIR: dataDir }), 'read')
  const newest: LogSource['newest'] = async (params) =>
    (await findLogs(store.records, parseLogQuestion(params))).logs.map(shown).toReversed()
  return {
    newest,
    follow: async (params, onLogs, stop) => {
      const { since: _, ...filter } = params
      const recent = () =>
        newest({ ...filter, limit: '1000', since: toIso(instant(cli.now() - LATE_MS)) })
      let seen = new Set((await recent()).map(({ id }) => id))
      while (!stop.aborted) {
        await cli.rooms.wait(LOOK_EVERY_MS)
        const logs = await recent()
        const fresh = logs.filter(({ id }) => !seen.has(id))
        if (fresh.length > 0) onLogs(fresh)
        seen = new Set(logs.map(({ id }) => id))
      }
    },
    close: store.close,
  }
}

const LogReply = z.object({
  id: z.string(),
  user: z.string(),
  level: z.enum(LOG_LEVELS),
  msg: z.string(),
  event_at: z.string().nullable(),
  received_at: z.string().nullable(),
  p_name: z.string(),
  pid: z.number().nullable(),
})
const LogsReply = z.object({ logs: z.array(LogReply) })
const Told = z.union([
  z.object({ type: z.literal('logs'), data: z.array(LogReply) }),
  z.object({ type: z.literal('error'), detail: z.string() }),
])

const fromServer = (access: ServerAccess): LogSource => ({
  newest: async (params) =>
    parseReply(LogsReply, await get(access, 'api/logs', params), access.base)
      .logs.map(replied)
      .toReversed(),
  follow: (params, onLogs, stop) =>
    new Promise((resolve, reject) => {
      const { user, level, text } = parseLogFilter(params)
      const url = new URL('api/ws/metrics', access.base)
      url.protocol = url.protocol.replace('http', 'ws')
      // the token goes by the header, not by the URL, which others may log
      const socket = new WebSocket(url, { headers: { authorization: `Bearer ${access.token}` } })
      const lost = () =>
        reject(
          new AppError({
            code: 'unavailable',
            detail: `${access.base.origin} has ended the connection: the server stopped, or the session did.`,
          }),
        )
      stop.addEventListener('abort', () => {
        resolve()
        socket.close()
      })
      socket.on('open', () =>
        socket.send(
          JSON.stringify({ type: 'subscribe', channel: 'logs', filter: { user, level, text } }),
        ),
      )
      socket.on('message', (data) => {
        const told = Told.safeParse(Buffer.isBuffer(data) ? JSON.parse(data.toString()) : undefined)
        if (!told.success) return
        if (told.data.type === 'logs') onLogs(told.data.data.map(replied))
        else reject(new AppError({ code: 'invalid', detail: told.data.detail }))
      })
      socket.on('error', lost)
      socket.on('close', lost)
    }),
  close: async () => {},
})

const replied = ({ event_at, received_at, ...log }: z.infer<typeof LogReply>): ShownLog => ({
  ...log,
  time: event_at ?? received_at ?? '',
})

const shown = ({ event_at, received_at, ...log }: LogEntry): ShownLog => ({
  ...log,
  time: toIso(event_at ?? received_at ?? instant(0)),
})
