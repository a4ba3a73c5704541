import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { getRequestListener, RequestError } from '@hono/node-server'
import type { Logger } from 'pino'
import { AppError } from '../app-error.ts'
import { SECOND } from '../points/instant.ts'
import type { Cors } from './cors.ts'
import { answerRaw } from './raw-answer.ts'
import { EVERY_ANSWER } from './security-headers.ts'

/** A client that is slower than this holds a place that others need. */
const TIMEOUTS = {
  headersTimeout: 10 * SECOND,
  requestTimeout: 30 * SECOND,
  keepAliveTimeout: 65 * SECOND,
  connectionsCheckingInterval: 5 * SECOND,
}
/** Sockets that neither send nor read for so long are cut. */
const IDLE_MS = 120 * SECOND
const MAX_CONNECTIONS = 5_000

export type HttpServerDeps = {
  readonly fetch: Parameters<typeof getRequestListener>[0]
  readonly cors: Cors
  /** The path of a target as the routes know it, without its query. */
  readonly pathOf: (target: string) => string
  readonly addressOf: (request: IncomingMessage) => string
  readonly requestId: () => string
  readonly monotonic: () => number
  readonly log: Logger
}

/** The HTTP server in front of the routes: headers of every answer, one line of log each, and bounds. */
export const createHttpServer = (deps: HttpServerDeps): Server => {
  const { log, cors, pathOf } = deps
  const listener = getRequestListener(deps.fetch, {
    hostname: 'localhost',
    // only what node-server itself cannot read comes here: the routes answer their own failures
    errorHandler: (error) =>
      Response.json(
        { detail: 'The request line or the Host header is not valid.' },
        { status: error instanceof RequestError ? 400 : 500 },
      ),
  })

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const startedAt = deps.monotonic()
    const path = pathOf(request.url ?? '/')
    const id = deps.requestId()
    const address = deps.addressOf(request)
    for (const name in EVERY_ANSWER) response.setHeader(name, EVERY_ANSWER[name] ?? '')
    response.setHeader('X-Request-Id', id)
    response.on('close', () => {
      const ms = Math.round((deps.monotonic() - startedAt) * 100) / 100
      const status = response.writableFinished ? response.statusCode : 'aborted'
      log.info({ id, method: request.method, path, status, ms, address }, 'Request')
    })
    if (cors(request, response, path)) response.writeHead(204).end()
    else void listener(request, response)
  }

  // a missing Host is the routes' to refuse, with the body of the contract
  const server = createServer({ ...TIMEOUTS, requireHostHeader: false }, onRequest)
  server.maxConnections = MAX_CONNECTIONS
  server.timeout = IDLE_MS
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const [status, detail] = UNREADABLE[error.code ?? ''] ?? [400, 'The request is not valid HTTP.']
    answerRaw(socket, status, { detail })
  })
  return server
}

const UNREADABLE: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'The headers of the request are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long to arrive.'],
}

/** Where to listen, and the setting that says the port. */
export type Place = { readonly host: string; readonly port: number; readonly setting: string }

/** Listens, and gives the port. AppError `setup` where that cannot be: it names the setting. */
export const listen = (server: Server, place: Place): Promise<number> =>
  new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => reject(cannotListen(error, place))
    server.once('error', onError)
    server.listen(place.port, place.host, () => {
      server.off('error', onError)
      resolve((server.address() as AddressInfo).port)
    })
  })

const cannotListen = (cause: NodeJS.ErrnoException, { host, port, setting }: Place): AppError => {
  const setup = (detail: string) => new AppError({ code: 'setup', detail, cause })
  switch (cause.code) {
    case 'EADDRINUSE':
      return setup(
        `${setting}: ${port} is in use on ${host}; stop what listens there or set another.`,
      )
    case 'EACCES':
      return setup(`${setting}: this user may not listen on ${port}; set one above 1023.`)
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return setup(`HOST: ${host} is no address of this machine.`)
    default:
      return setup(`HOST, ${setting}: ${host}:${port} cannot be listened on: ${cause.message}.`)
  }
}

/**
 * Takes no new connections, cuts those on which nothing is asked (Node counts one that never asked as busy), lets
 * requests under way finish for at most `patienceMs`, and cuts the rest.
 */
export type Close = (patienceMs: number) => Promise<void>

/** Follows which connections of a server have a request under way. WebSockets belong to the relay. */
export const closer = (server: Server): Close => {
  const idle = new Set<Socket>()
  let stopping = false
  const rest = (socket: Socket): void => {
    if (stopping) socket.destroySoon()
    else if (!socket.destroyed) idle.add(socket)
  }
  server.on('connection', (socket) => {
    rest(socket)
    socket.on('close', () => idle.delete(socket))
  })
  server.on('upgrade', ({ socket }) => idle.delete(socket))
  server.on('request', ({ socket }, response) => {
    idle.delete(socket)
    response.on('close', () => rest(socket))
  })
  return (patienceMs) =>
    new Promise((resolve) => {
      stopping = true
      const cut = setTimeout(() => server.closeAllConnections(), patienceMs)
      server.close(() => {
        clearTimeout(cut)
        resolve()
      })
      for (const socket of idle) socket.destroySoon()
    })
}
