import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type FakeHttp = {
  readonly url: string
  /** What was asked, `GET /ping`, oldest first. */
  readonly asked: readonly string[]
  close(): Promise<void>
}

/** A server on a free loopback port that answers as it is told. */
export const startFakeHttp = async (
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<FakeHttp> => {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    request.resume()
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
