import type { User } from '../../accounts/accounts.ts'
import { canonicalUuid } from '../../accounts/uuid.ts'
import { AppError } from '../../app-error.ts'
import { clientCpu } from '../../catalog/records.ts'
import { clientSamples } from '../../history/client-cpu.ts'
import { dialect } from '../../http/dialect.ts'
import { jsonOf } from '../../http/json-body.ts'
import type { HttpContext, Route, Surface } from '../../http/surface.ts'
import type { DoorDeps } from '../door.ts'
import { toPayload, toRecord } from './mapper.ts'
import {
  Account,
  Echo,
  HashAnswer,
  Malformed,
  numberOf,
  Range,
  Refusal,
  Sample,
  Samples,
} from './wire.ts'

const MALFORMED = 'Authentication Error'
const CLOSED = 'Registration is disabled'
/** Sentences that stand under `error`; all others stand under `reason`. */
const ERRORS: readonly string[] = [MALFORMED, CLOSED]

const TAKEN = 'User is already registered'
const WRONG_LOGIN = 'Wrong credentials or user is not registered'
const BAD_ARGUMENTS = 'Bad arguments'
const UNKNOWN_HASH = 'Not authorized user try to post data, please login'

const tag = 'PerformanceMonitor'
const ACCOUNT_DOCS = {
  200: { description: 'A session is open', schema: HashAnswer },
  403: { description: 'The body is not as it must be', schema: Malformed },
  429: { description: 'Too many attempts', schema: Refusal },
}
const SAMPLE_DOCS = {
  400: { description: 'The hash is missing or none, or a number is', schema: Refusal },
  401: { description: 'The hash is unknown, or its session has ended', schema: Refusal },
}

/** The paths of seed PerformanceMonitor; errors are `{"reason"}`, malformed accounts `{"error"}`. */
export const performanceMonitorSurface = (deps: DoorDeps): Surface => ({
  name: 'PerformanceMonitor',
  failureOf: dialect({
    body: (status, sentence) => {
      if (status === 404) return { reason: 'Not found' }
      return ERRORS.includes(sentence) ? { error: sentence } : { reason: sentence }
    },
    unexpected: 'Internal server error',
  }),
  routes: [registerRoute(deps), loginRoute(deps), postRoute(deps), getRoute(deps)],
})

const registerRoute = ({ accounts, origins, settings }: DoorDeps): Route => ({
  method: 'post',
  path: '/register',
  docs: {
    tag,
    summary: 'Make an account and open a session',
    body: Account,
    answers: { ...ACCOUNT_DOCS, 400: { description: 'The name is taken', schema: Refusal } },
  },
  handle: async (context, body) => {
    const given = accountIn(body)
    if (!settings.ALLOW_REGISTRATION) throw forbidden(CLOSED)
    const address = origins.address(context.env.incoming)
    try {
      const { hash } = await accounts.doorSessions.register({ ...given, address })
      return context.json({ hash })
    } catch (error) {
      if (error instanceof AppError && error.code === 'conflict') throw invalid(TAKEN)
      // a name or password out of bounds
      if (error instanceof AppError && error.code === 'invalid') throw forbidden(MALFORMED)
      throw error
    }
  },
})

const loginRoute = ({ accounts, origins }: DoorDeps): Route => ({
  method: 'post',
  path: '/login',
  docs: {
    tag,
    summary: 'Open a session; its hash is another each time',
    body: Account,
    answers: {
      ...ACCOUNT_DOCS,
      401: { description: 'Unknown, or a wrong password', schema: Refusal },
    },
  },
  handle: async (context, body) => {
    const given = accountIn(body)
    const address = origins.address(context.env.incoming)
    try {
      const { hash } = await accounts.doorSessions.login({ ...given, address })
      return context.json({ hash })
    } catch (error) {
      if (error instanceof AppError && error.code === 'unauthenticated')
        throw new AppError({ code: 'unauthenticated', detail: WRONG_LOGIN })
      throw error
    }
  },
})

const postRoute = (deps: DoorDeps): Route => ({
  method: 'post',
  path: '/cpu',
  docs: {
    tag,
    summary: 'Keep a CPU sample; the body comes back',
    body: Sample,
    answers: { 200: { description: 'Kept', schema: Echo }, ...SAMPLE_DOCS },
  },
  handle: async (context, body) => {
    const sample = objectIn(body)
    const hash = canonicalUuid(sample?.['hash'])
    const cpu = numberOf(sample?.['cpu'])
    const time = numberOf(sample?.['time'])
    if (hash === null || cpu === undefined || time === undefined) throw invalid(BAD_ARGUMENTS)
    const { user, sessionId } = await sessionOf(deps, hash)
    await deps.records.append(clientCpu.dataset, [
      toRecord({ user: user.username, session: sessionId }, { cpu, time }),
    ])
    return context.json({ payload: sample })
  },
})

const getRoute = (deps: DoorDeps): Route => ({
  method: 'get',
  path: '/cpu',
  docs: {
    tag,
    summary: 'The samples of a session',
    description:
      '`hash` or `user_hash` names it; the range in Unix seconds, both ends in, may be left out.',
    query: Range,
    answers: { 200: { description: 'By time', schema: Samples }, ...SAMPLE_DOCS },
  },
  handle: async (context) => {
    const query = context.req.query()
    const hash = canonicalUuid(query['hash'] ?? query['user_hash'])
    if (hash === null) throw invalid(BAD_ARGUMENTS)
    const [from, to] = [timeIn(query, 'start_time'), timeIn(query, 'cur_time')]
    const { user, sessionId } = await sessionOf(deps, hash)
    const samples = await clientSamples(deps.records, {
      user: user.username,
      session: sessionId,
      from,
      to,
    })
    return jsonText(context, toPayload(samples))
  },
})

const sessionOf = async (
  { accounts }: DoorDeps,
  hash: string,
): Promise<{ readonly user: User; readonly sessionId: string }> => {
  const session = await accounts.doorSessions.verify(hash)
  if (session === null) throw new AppError({ code: 'unauthenticated', detail: UNKNOWN_HASH })
  return session
}

const timeIn = (query: Readonly<Record<string, string>>, name: string): number | undefined => {
  const text = query[name]
  if (text === undefined || text === '') return undefined
  const time = numberOf(text)
  if (time === undefined) throw invalid(BAD_ARGUMENTS)
  return time
}

const accountIn = (body: Buffer): { readonly username: string; readonly password: string } => {
  const given = Account.safeParse(objectIn(body))
  if (!given.success) throw forbidden(MALFORMED)
  return { username: given.data.user, password: given.data.passwd }
}

/** Undefined for a body that is no JSON object. */
const objectIn = (body: Buffer): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value = jsonOf(body)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined
  } catch {
    return undefined
  }
}

const jsonText = (context: HttpContext, text: string): Response =>
  context.body(text, 200, { 'Content-Type': 'application/json' })

const invalid = (detail: string) => new AppError({ code: 'invalid', detail })
const forbidden = (detail: string) => new AppError({ code: 'forbidden', detail })
