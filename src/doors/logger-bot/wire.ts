import { z } from 'zod'

/** What clients of LoggerBot send and get. */
export const CreateUserBody = z.object({
  user: z.string(),
  password: z.string(),
  /** The person's account at a messenger; some clients have it as a number. */
  tel_id: z.union([z.string(), z.number().transform(String)]),
})

/** A record may be anything: the real client ends at a 400, so an odd one is kept as well as it can be. */
export const SendLogsBody = z.object({
  data: z.object({
    user: z.string(),
    pid: z.number(),
    p_name: z.string(),
    post_time: z.unknown(),
    logs: z.array(z.unknown()),
  }),
})
export type Batch = z.infer<typeof SendLogsBody>['data']

/** For the document: a record as the client means it. */
export const SentLog = z.object({
  level: z.union([z.string(), z.number()]),
  msg: z.string(),
  event_at: z.string(),
  p_description: z.string(),
})
export const SentLogs = z.object({
  data: z.object({
    user: z.string(),
    pid: z.number(),
    p_name: z.string(),
    post_time: z.string(),
    logs: z.array(SentLog),
  }),
})

/** Every answer, also a refusal. */
export const Answer = z.object({ code: z.number(), message: z.string() })

/** As the original says it, for a new user too. */
export const DONE: z.infer<typeof Answer> = { code: 200, message: 'Logs added successfully' }
