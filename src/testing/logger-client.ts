import { createHash } from 'node:crypto'
import type { ServerProcess } from './server-process.ts'

export type LoggerAccount = { readonly username: string; readonly password: string }
export type LogLine = {
  readonly level: string
  readonly msg: string
  /** ISO 8601; without it now. */
  readonly at?: string
}

/** An account as the client of LoggerBot makes one, with the key that server and clients share. */
export const createLogger = (
  server: ServerProcess,
  { username, password }: LoggerAccount,
  apiKey: string,
): Promise<Response> =>
  server.send(
    'POST',
    '/create_user',
    { user: username, password, tel_id: '1' },
    { 'x-api-key': apiKey },
  )

/** One batch of the process `shopd`, as the client of LoggerBot sends it. */
export const sendLogs = (
  server: ServerProcess,
  { username, password }: LoggerAccount,
  lines: readonly LogLine[],
): Promise<Response> => {
  const token = createHash('md5').update(`${username}${password}`).digest('hex')
  const post_time = new Date().toISOString()
  const logs = lines.map(({ level, msg, at = post_time }) => ({
    level,
    msg,
    event_at: at,
    p_description: 'a process',
  }))
  const data = { user: username, pid: 7, p_name: 'shopd', post_time, logs }
  return server.send('POST', '/send_logs', { data }, { 'x-user-token': token })
}
