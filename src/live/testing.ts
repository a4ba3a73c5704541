import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocket } from 'ws'

/** What a test's client saw, and what it waits for. */
export type TestClient = {
  readonly socket: WebSocket
  readonly messages: unknown[]
  /** The message after those that were taken before. */
  next(): Promise<unknown>
  /** The code it was closed with. */
  closed(): Promise<number>
}

/** A real WebSocket client; rejects with the status of a refused handshake. */
export const connect = (
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<TestClient> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { headers: { ...headers } })
    const messages: unknown[] = []
    const waiting: ((message: unknown) => void)[] = []
    let taken = 0
    const code = new Promise<number>((done) => socket.on('close', done))
    socket.on('message', (data) => {
      const message: unknown = JSON.parse(Buffer.isBuffer(data) ? data.toString() : '')
      messages.push(message)
      const first = waiting.shift()
      if (first === undefined) return
      taken++
      first(message)
    })
    socket.on('unexpected-response', (_request, response) => {
      reject(new Error(`refused with ${response.statusCode}`))
      response.resume()
      socket.terminate()
    })
    socket.on('error', reject)
    socket.on('open', () =>
      resolve({
        socket,
        messages,
        next: () =>
          taken < messages.length
            ? Promise.resolve(messages[taken++])
            : new Promise((done) => waiting.push(done)),
        closed: () => code,
      }),
    )
  })

/** A bare HTTP server on a free port; `url` begins with `ws://`. */
export const listenAnywhere = (): Promise<{ server: Server; port: number; url: string }> =>
  new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      resolve({ server, port, url: `ws://127.0.0.1:${port}` })
    })
  })
