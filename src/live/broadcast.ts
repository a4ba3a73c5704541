import { WebSocket } from 'ws'

/** One socket that gets frames; `skipped` counts the frames in a row that it was too slow for. */
export type Listener = { readonly socket: WebSocket; skipped: number }

export type BroadcastFigures = {
  readonly framesSent: number
  readonly framesSkipped: number
  readonly clientsDropped: number
}

export type Broadcast = {
  /** Starts sending and returns; a slow listener is skipped, never waited for. */
  send(bytes: Buffer, listeners: readonly Listener[]): void
  figures(): BroadcastFigures
}

/** A listener with more than this unsent gets no further frame. */
const MAX_BUFFERED_BYTES = 256 * 1024
/** A listener that was skipped this often in a row is dropped. */
const MAX_SKIPPED = 60
/** So many sockets are written in one turn of the event loop, then requests have their turn. */
const SOCKETS_PER_TURN = 50

/** Sends the same bytes to many sockets, a few dozen in each turn of the event loop. */
export const createBroadcast = (): Broadcast => {
  let framesSent = 0
  let framesSkipped = 0
  let clientsDropped = 0

  const sendOne = (listener: Listener, bytes: Buffer): void => {
    const { socket } = listener
    if (socket.readyState !== WebSocket.OPEN) return
    if (socket.bufferedAmount <= MAX_BUFFERED_BYTES) {
      listener.skipped = 0
      framesSent++
      socket.send(bytes, { binary: false })
      return
    }
    listener.skipped++
    framesSkipped++
    if (listener.skipped < MAX_SKIPPED) return
    clientsDropped++
    // no close frame: it would queue behind what the client does not read
    socket.terminate()
  }

  const sendFrom = (start: number, bytes: Buffer, listeners: readonly Listener[]): void => {
    const end = Math.min(start + SOCKETS_PER_TURN, listeners.length)
    for (const listener of listeners.slice(start, end)) sendOne(listener, bytes)
    if (end < listeners.length) setImmediate(sendFrom, end, bytes, listeners)
  }

  return {
    send: (bytes, listeners) => sendFrom(0, bytes, listeners),
    figures: () => ({ framesSent, framesSkipped, clientsDropped }),
  }
}
