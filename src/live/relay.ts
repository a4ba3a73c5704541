import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { AppError } from '../app-error.ts'
import type { Clock } from '../points/clock.ts'
import { frame } from '../points/frame.ts'
import { SECOND, type Instant } from '../points/instant.ts'
import type { NewRecord } from '../points/record.ts'
import type { Sample } from '../points/sample.ts'
import { createBroadcast, type Listener } from './broadcast.ts'
import type { Hub } from './hub.ts'
import { textsOf, type LogScope, type LogTail } from './log-tail.ts'
import { readMessage, type ClientMessage } from './message.ts'

/** Who sits at a socket, as far as the relay must know. */
export type Viewer = {
  readonly userId: number
  readonly sessionKey: string
  readonly expiresAt: Instant
  /** False: connected, but gets no frames (a `client`, or another host than this one). */
  readonly frames: boolean
  readonly logs: LogScope
}

export type RelayFigures = {
  readonly clients: number
  readonly framesSent: number
  readonly framesSkipped: number
  readonly clientsDropped: number
}

export type Relay = {
  /** False when the relay is full; the handshake is then to be refused. */
  hasRoom(): boolean
  /** Completes a handshake whose caller is known and allowed. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, viewer: Viewer): void
  /** Closes with 4001 the sockets whose session has ended. */
  endSessions(ended: (viewer: Viewer) => boolean): void
  figures(): RelayFigures
  /** Says 1001 to everyone, waits for their goodbye at most `patienceMs`, and cuts the rest. */
  close(patienceMs: number): Promise<void>
}

/** The close codes of the wire contract. */
const SESSION_ENDED = 4001
const GOING_AWAY = 1001
const POLICY = 1008

export type RelayLimits = {
  readonly clients: number
  /** Bytes of one message; beyond it the socket is closed with 1009. */
  readonly messageBytes: number
  readonly messagesPerWindow: number
  readonly windowMs: number
  readonly pingMs: number
  readonly sweepMs: number
}

export const RELAY_LIMITS: RelayLimits = {
  clients: 2_000,
  messageBytes: 64 * 1024,
  messagesPerWindow: 100,
  windowMs: 10 * SECOND,
  pingMs: 30 * SECOND,
  sweepMs: SECOND,
}

type Client = Listener & {
  readonly viewer: Viewer
  answered: boolean
  messages: number
  windowEnds: number
  /** The log records that it has asked for. */
  wants: ((record: NewRecord) => boolean) | undefined
}

export type RelayDeps = {
  readonly hub: Hub<Sample>
  readonly logTail: LogTail
  readonly clock: Clock
  readonly limits?: Partial<RelayLimits>
}

/** Sends each sample of the hub to every socket: serialised once, and never waiting for a slow reader. */
export const createRelay = ({ hub, logTail, clock, limits }: RelayDeps): Relay => {
  const { clients: most, ...limit } = { ...RELAY_LIMITS, ...limits }
  const clients = new Set<Client>()
  const broadcast = createBroadcast()
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limit.messageBytes,
  })
  let newest: { readonly sample: Sample; readonly bytes: Buffer } | undefined
  // counted from the handshake on: a burst of handshakes must not overshoot the limit
  let places = 0

  /** The bytes of a sample, made once whoever asks. */
  const bytesOf = (sample: Sample): Buffer => {
    if (newest?.sample !== sample)
      newest = { sample, bytes: Buffer.from(JSON.stringify(frame(sample))) }
    return newest.bytes
  }

  const unsubscribe = hub.subscribe((sample) => {
    const listeners = [...clients].filter(({ viewer }) => viewer.frames)
    if (listeners.length > 0) broadcast.send(bytesOf(sample), listeners)
  })

  const stopTail = logTail.hub.subscribe((records) => {
    const tails = [...clients].filter(({ wants }) => wants !== undefined)
    if (tails.length === 0) return
    const textOf = textsOf(logTail.view)
    for (const client of tails) {
      const texts = records.filter((record) => client.wants?.(record)).map(textOf)
      if (texts.length > 0)
        broadcast.send(Buffer.from(`{"type":"logs","data":[${texts.join()}]}`), [client])
    }
  })

  const subscribe = (client: Client, filter: unknown): object => {
    try {
      client.wants = logTail.matcher(filter, client.viewer.logs)
      return { type: 'subscribed', channel: 'logs' }
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      return { type: 'error', channel: 'logs', detail: error.message }
    }
  }

  const answerTo = (client: Client, message: ClientMessage): object => {
    switch (message.type) {
      case 'ping':
        return { type: 'pong' }
      case 'subscribe':
        return subscribe(client, message.filter)
      case 'unsubscribe':
        client.wants = undefined
        return { type: 'unsubscribed', channel: 'logs' }
    }
  }

  const tooChatty = (client: Client): boolean => {
    const now = clock.monotonic()
    if (now >= client.windowEnds) {
      client.windowEnds = now + limit.windowMs
      client.messages = 0
    }
    client.messages++
    return client.messages > limit.messagesPerWindow
  }

  const onMessage = (client: Client, data: Buffer): void => {
    if (tooChatty(client)) {
      client.socket.close(POLICY, 'Too many messages')
      return
    }
    const message = readMessage(data)
    if (message !== undefined) client.socket.send(JSON.stringify(answerTo(client, message)))
  }

  const welcome = (socket: WebSocket, viewer: Viewer): void => {
    const client: Client = {
      socket,
      viewer,
      skipped: 0,
      answered: true,
      messages: 0,
      windowEnds: 0,
      wants: undefined,
    }
    clients.add(client)
    socket.binaryType = 'nodebuffer'
    socket.on('message', (data) => {
      if (Buffer.isBuffer(data)) onMessage(client, data)
    })
    // ws answers each ping by itself: unread answers must not pile up either
    socket.on('ping', () => {
      if (tooChatty(client)) socket.terminate()
    })
    socket.on('pong', () => {
      client.answered = true
    })
    // without a listener an over-long message or a reset would end the process; `close` follows in any case
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clients.delete(client)
      places--
    })
    const sample = hub.latest()
    if (viewer.frames && sample !== null) broadcast.send(bytesOf(sample), [client])
  }

  const endSessions = (ended: (viewer: Viewer) => boolean): void => {
    for (const { socket, viewer } of clients)
      if (ended(viewer)) socket.close(SESSION_ENDED, 'The session has ended')
  }

  const expiry = setInterval(() => {
    const now = clock.now()
    endSessions(({ expiresAt }) => expiresAt <= now)
  }, limit.sweepMs)

  const heartbeat = setInterval(() => {
    for (const client of clients) {
      if (!client.answered) {
        client.socket.terminate()
        continue
      }
      client.answered = false
      client.socket.ping()
    }
  }, limit.pingMs)

  return {
    hasRoom: () => places < most,
    accept(request, socket, head, viewer) {
      if (socket.destroyed) return
      places++
      let opened = false
      // a handshake that is wrong, or whose socket dies, never opens: give its place back
      socket.once('close', () => {
        if (!opened) places--
      })
      server.handleUpgrade(request, socket, head, (open) => {
        opened = true
        welcome(open, viewer)
      })
    },
    endSessions,
    figures: () => ({ clients: clients.size, ...broadcast.figures() }),
    async close(patienceMs) {
      clearInterval(expiry)
      clearInterval(heartbeat)
      unsubscribe()
      stopTail()
      server.close()
      const goodbyes = [...clients].map(
        ({ socket }) => new Promise((resolve) => socket.once('close', resolve)),
      )
      for (const { socket } of clients) socket.close(GOING_AWAY, 'The server is stopping')
      const cut = setTimeout(() => {
        for (const { socket } of clients) socket.terminate()
      }, patienceMs)
      await Promise.all(goodbyes)
      clearTimeout(cut)
    },
  }
}
