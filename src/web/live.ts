import { useEffect, useRef, useState } from 'preact/hooks'
import { urlOf } from './api.ts'
import type { Data } from './lines.ts'

/** One instant of the host, as the server sends it. */
export type Frame = { readonly at: number; readonly data: Data }

export type LiveState = 'connecting' | 'live' | 'reconnecting' | 'paused'

type Message = {
  readonly type?: string
  readonly timestamp?: string
  readonly data?: unknown
  readonly detail?: string
}

export type Feed = {
  readonly state: LiveState
  send(message: object): void
}

export type FeedListener = {
  /** Every time a connection stands: what was subscribed must be so again, and what was missed be fetched. */
  onOpen?(send: (message: object) => void): void
  onMessage(message: Message): void
}

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 15_000
const PING_EVERY_MS = 20_000
/** The session has ended: trying again would fail again. */
const SESSION_ENDED = 4001

/**
 * The server's WebSocket: opened again after a break, with longer and longer waits, and closed while nobody can see
 * the page.
 */
export const useFeed = (host: string | null, listener: FeedListener): Feed => {
  const [state, setState] = useState<LiveState>('connecting')
  const socket = useRef<WebSocket | undefined>(undefined)
  const latest = useRef(listener)
  latest.current = listener

  useEffect(() => {
    let wait = FIRST_WAIT_MS
    let retry: ReturnType<typeof setTimeout> | undefined
    let isOver = false
    const send = (message: object) => {
      if (socket.current?.readyState === WebSocket.OPEN)
        socket.current.send(JSON.stringify(message))
    }

    const open = () => {
      clearTimeout(retry)
      if (isOver || document.hidden || socket.current !== undefined) return
      const url = urlOf('api/ws/metrics', { host })
      url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
      const opened = new WebSocket(url)
      socket.current = opened
      opened.addEventListener('open', () => {
        wait = FIRST_WAIT_MS
        setState('live')
        latest.current.onOpen?.(send)
      })
      opened.addEventListener('message', ({ data }) => {
        const message: unknown = JSON.parse(String(data))
        if (typeof message === 'object' && message !== null) latest.current.onMessage(message)
      })
      opened.addEventListener('close', ({ code }) => {
        if (socket.current === opened) socket.current = undefined
        if (isOver || document.hidden || code === SESSION_ENDED) return
        setState('reconnecting')
        // not all pages of a server that has restarted at once
        retry = setTimeout(open, wait * (0.75 + Math.random() / 2))
        wait = Math.min(LONGEST_WAIT_MS, wait * 2)
      })
    }
    const close = () => {
      clearTimeout(retry)
      const opened = socket.current
      socket.current = undefined
      opened?.close()
    }
    const onVisible = () => {
      if (document.hidden) {
        close()
        setState('paused')
      } else {
        setState('connecting')
        open()
      }
    }

    open()
    const ping = setInterval(() => send({ type: 'ping' }), PING_EVERY_MS)
    document.addEventListener('visibilitychange', onVisible)
    addEventListener('online', open)
    return () => {
      isOver = true
      clearInterval(ping)
      document.removeEventListener('visibilitychange', onVisible)
      removeEventListener('online', open)
      close()
    }
  }, [host])

  return {
    state,
    send: (message) => {
      if (socket.current?.readyState === WebSocket.OPEN)
        socket.current.send(JSON.stringify(message))
    },
  }
}

/** The frame of a message; undefined: it is of another kind. */
export const frameOf = ({ type, timestamp, data }: Message): Frame | undefined =>
  type === 'metrics' && timestamp !== undefined && typeof data === 'object' && data !== null
    ? { at: Date.parse(timestamp) / 1000, data: data as Data }
    : undefined
