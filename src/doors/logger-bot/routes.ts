import { timingSafeEqual, createHash } from 'node:crypto'
import { log } from '../../catalog/records.ts'
import { AppError } from '../../app-error.ts'
import { dialect } from '../../http/dialect.ts'
import { jsonOf } from '../../http/json-body.ts'
import type { HttpContext, Route, Surface } from '../../http/surface.ts'
import { DAY, instant, type Instant } from '../../points/instant.ts'
import type { DoorDeps } from '../door.ts'
import { toRecords } from './mapper.ts'
import { createNumbering } from './numbering.ts'
import { Answer, CreateUserBody, DONE, SendLogsBody, SentLogs } from './wire.ts'

const tag = 'LoggerBot'
const ANSWERS = {
  200: { description: 'Done', schema: Answer },
  400: { description: 'The header is missing, or the body is not as it must be', schema: Answer },
  403: { description: 'The key or the token is wrong', schema: Answer },
  500: { description: 'The logs cannot be kept now; send them again', schema: Answer },
}

/** The contract has one word for each status; other statuses say theirs in the same way. */
const MESSAGES: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  413: 'RequestEntityTooLarge',
  421: 'MisdirectedRequest',
  429: 'TooManyRequests',
  500: 'InternalServerError',
}

/** The paths of seed LoggerBot; errors are `{"code","message"}`. */
export const loggerBotSurface = (deps: DoorDeps): Surface => ({
  name: 'LoggerBot',
  failureOf: dialect({
    body: (code) => ({ code, message: MESSAGES[code] ?? 'InternalServerError' }),
    statuses: { unauthenticated: 403, unavailable: 500 },
    unexpected: '',
  }),
  routes: [sendLogsRoute(deps), createUserRoute(deps)],
})

const TOKEN_LENGTH = 32

const sendLogsRoute = (deps: DoorDeps): Route => {
  const { accounts, records, clock, origins } = deps
  const numbered = createNumbering()
  return {
    method: 'post',
    path: '/send_logs',
    docs: {
      tag,
      summary: 'Keep a batch of log records',
      description: '`X-User-Token` is the MD5 of user and password, hexadecimal.',
      body: SentLogs,
      answers: ANSWERS,
    },
    handle: async (context, body) => {
      const token = context.req.header('x-user-token') ?? ''
      if (token.length !== TOKEN_LENGTH) throw badRequest()
      const { data } = parsed(SendLogsBody, body)
      const address = origins.address(context.env.incoming)
      const user = await accounts.logger.verify({ username: data.user, token, address })
      const { arrival, number } = numbered(data, clock.now())
      const made = toRecords(data, user.username, arrival, oldestKept(deps))
      if (made.length > 0) await records.append(log.dataset, number(made))
      return done(context)
    },
  }
}

const oldestKept = ({ accounts, clock }: DoorDeps): Instant | null => {
  const days = accounts.config.get().logs_retention_days
  return days === 0 ? null : instant(clock.now() - days * DAY)
}

const createUserRoute = ({ accounts, settings }: DoorDeps): Route => ({
  method: 'post',
  path: '/create_user',
  docs: {
    tag,
    summary: 'Make an account for a client; one that is there stays as it is',
    description: '`X-Api-Key` must be LOGGER_API_KEY.',
    body: CreateUserBody,
    answers: ANSWERS,
  },
  handle: async (context, body) => {
    const key = context.req.header('x-api-key') ?? ''
    if (key.trim() === '') throw badRequest()
    if (settings.LOGGER_API_KEY === undefined || !isSame(key, settings.LOGGER_API_KEY))
      throw new AppError({ code: 'forbidden', detail: 'The API key is wrong' })
    const { user: username, password, tel_id: telId } = parsed(CreateUserBody, body)
    await accounts.logger.createUser({ username, password, telId })
    return done(context)
  },
})

/** In the same time, however much of it is right. */
const isSame = (a: string, b: string): boolean => timingSafeEqual(sha256(a), sha256(b))
const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()

const done = (context: HttpContext): Response => context.json(DONE)

const parsed = <T>(
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
  body: Buffer,
): T => {
  const found = schema.safeParse(jsonOf(body))
  if (found.success) return found.data
  throw badRequest()
}

const badRequest = () => new AppError({ code: 'invalid', detail: 'BadRequest' })
