import { z } from '@hono/zod-openapi'
import { endpoint, type Endpoint } from '../endpoint.ts'
import { HttpRefusal } from '../../http/refusal.ts'
import { LIVE_PATH } from '../live-socket.ts'

const SocketQuery = z.object({
  token: z.string().optional().openapi({ description: 'An access token' }),
  ticket: z.string().optional().openapi({ description: 'Of POST /api/auth/ws-ticket' }),
  host: z.string().optional().openapi({ description: 'Only this server’s own host has frames' }),
})

/** The WebSocket as the document shows it; a request that is no handshake is told so. */
export const liveRoutes = (): readonly Endpoint[] => [
  endpoint({
    method: 'get',
    path: LIVE_PATH,
    access: 'anyone',
    tag: 'Live',
    summary: 'The newest frame at once, then one per sampling interval',
    description:
      'A WebSocket: send `{"type":"ping"}` for `{"type":"pong"}`. Credentials are checked before the upgrade: a token or a ticket in the query, an Authorization header, or the session cookie. Close codes: 4001 the session has ended, 1009 the message is over 64 KB, 1008 too many messages, 1001 the server is stopping.',
    query: SocketQuery,
    answer: { status: 101, description: 'Frames follow, as the schema LiveFrame says' },
    others: {
      401: 'No credential, or one that is wrong',
      403: 'A cookie from a foreign page',
      404: 'Unknown host',
      426: 'This is no WebSocket handshake',
      503: 'Too many clients',
    },
    handle() {
      throw new HttpRefusal(426, 'This is a WebSocket: connect with ws:// or wss://.', {
        Upgrade: 'websocket',
      })
    },
  }),
]
