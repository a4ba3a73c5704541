import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { EVERY_ANSWER } from './security-headers.ts'

/** An answer on a connection that HTTP has let go of: a refused handshake, a request that cannot be read. */
export const answerRaw = (
  socket: Duplex,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void => {
  if (socket.destroyed || !socket.writable) return
  const text = JSON.stringify(body)
  const lines = Object.entries({
    ...EVERY_ANSWER,
    ...headers,
    Connection: 'close',
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(text)),
  }).map(([name, value]) => `${name}: ${value}`)
  socket.end(
    [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, '', text].join('\r\n'),
    () => socket.destroy(),
  )
}
