import type { Clock } from '../points/clock.ts'
import { SECOND } from '../points/instant.ts'
import { randomSecret, type RandomBytes } from './random.ts'

export const TICKET_SECONDS = 30

/** Unused ones held at most; the oldest makes room. */
const MOST_TICKETS = 10_000

/** Passes for one WebSocket handshake, in memory: a URL ends up in logs, so what is in it must be worth nothing after. */
export type Tickets = {
  issue(sessionKey: string): string
  /** The session of a ticket, once; null: unknown, used or expired. */
  redeem(ticket: string): string | null
}

export const createTickets = (clock: Clock, random: RandomBytes): Tickets => {
  // In the order of issue, which is that of expiry.
  const held = new Map<string, { sessionKey: string; until: number }>()
  const dropOld = (): void => {
    for (const [ticket, { until }] of held) {
      if (until > clock.monotonic() && held.size < MOST_TICKETS) return
      held.delete(ticket)
    }
  }
  return {
    issue: (sessionKey) => {
      dropOld()
      const ticket = randomSecret(random)
      held.set(ticket, { sessionKey, until: clock.monotonic() + TICKET_SECONDS * SECOND })
      return ticket
    },
    redeem: (ticket) => {
      const found = held.get(ticket)
      held.delete(ticket)
      return found !== undefined && found.until > clock.monotonic() ? found.sessionKey : null
    },
  }
}
