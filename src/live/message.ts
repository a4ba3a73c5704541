import { z } from 'zod'

/** What a client may say on the socket; everything else is ignored. */
const ClientMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ping') }),
  z.object({
    type: z.literal('subscribe'),
    channel: z.literal('logs'),
    filter: z.unknown().optional(),
  }),
  z.object({ type: z.literal('unsubscribe'), channel: z.literal('logs') }),
])
export type ClientMessage = z.infer<typeof ClientMessage>

/** The message, or undefined for what is no JSON, no object, or of a type that we do not know. */
export const readMessage = (data: Buffer): ClientMessage | undefined => {
  try {
    return ClientMessage.safeParse(JSON.parse(data.toString('utf8'))).data
  } catch {
    return undefined
  }
}
