import { z } from '@hono/zod-openapi'
import type { Accounts } from '../../accounts/accounts.ts'
import { AppError } from '../../app-error.ts'
import { endpoint, type Endpoint } from '../endpoint.ts'
import type { Origins } from '../../http/client-address.ts'
import { originOf, type Identify } from '../../http/identity.ts'
import { Message, UserView, userView } from '../views.ts'

const tag = 'Auth'
/** For the document only: the accounts judge a password's length, and by characters, not by UTF-16 units. */
const PASSWORD_LENGTH = { minLength: 8, maxLength: 1024 }

const Credentials = z.object({
  username: z.string().openapi({ example: 'admin' }),
  password: z.string(),
})

const Login = z
  .object({
    access_token: z.string(),
    token_type: z.literal('bearer'),
    expires_in: z.number().int().openapi({ description: 'Seconds', example: 86_400 }),
  })
  .openapi('Login')

const Passwords = z.object({
  current_password: z.string(),
  new_password: z.string().openapi(PASSWORD_LENGTH),
})

const Ticket = z
  .object({ ticket: z.string(), expires_in: z.number().int() })
  .openapi('WebSocketTicket')

const REGISTRATION_CLOSED = 'Registration is disabled'
const THROTTLED = { 429: 'Too many failed log-ins; Retry-After says when to try again' }

export type AuthDeps = {
  readonly sessions: Accounts['sessions']
  readonly users: Pick<Accounts['users'], 'signUp'>
  /** Strangers may make themselves an account. */
  readonly registration: boolean
  readonly identify: Identify
  readonly origins: Origins
}

/** Sign-up, log-in, log-out, who am I, password, and the ticket for the WebSocket. */
export const authRoutes = ({
  sessions,
  users,
  registration,
  identify,
  origins,
}: AuthDeps): readonly Endpoint[] => [
  endpoint({
    method: 'post',
    path: '/api/auth/login',
    access: 'anyone',
    tag,
    summary: 'Log in',
    description: 'Gives a bearer token, and sets the session cookie for a page of this server.',
    body: Credentials,
    answer: { status: 200, description: 'Logged in', schema: Login },
    others: { 401: 'Unknown user or wrong password', ...THROTTLED },
    async handle({ body, context }) {
      const { incoming } = context.env
      const login = await sessions.login({ ...body, address: origins.address(incoming) })
      // a foreign page may not log its visitor in here under somebody else's name
      if (originOf(incoming, origins.secure(incoming)) !== 'foreign')
        context.header(
          'Set-Cookie',
          identify.cookie(incoming, login.sessionId, login.expiresInSeconds),
        )
      return {
        access_token: login.accessToken,
        token_type: 'bearer' as const,
        expires_in: login.expiresInSeconds,
      }
    },
  }),
  endpoint({
    method: 'post',
    path: '/api/auth/register',
    access: 'anyone',
    tag,
    summary: 'Make an account of the role client',
    body: Credentials,
    answer: { status: 201, description: 'Made; log in with it', schema: UserView },
    others: {
      403: 'ALLOW_REGISTRATION is off',
      409: 'The name is taken, also by a deleted account',
      429: 'Too many sign-ups from this address; Retry-After says when to try again',
    },
    async handle({ body, context }) {
      if (!registration) throw new AppError({ code: 'forbidden', detail: REGISTRATION_CLOSED })
      const address = origins.address(context.env.incoming)
      return userView(await users.signUp({ ...body, address }))
    },
  }),
  endpoint({
    method: 'post',
    path: '/api/auth/logout',
    access: 'everyone',
    tag,
    summary: 'End this session, its tokens and its WebSockets',
    answer: { status: 200, description: 'Logged out', schema: Message },
    async handle({ caller, context }) {
      await sessions.logout(caller)
      context.header('Set-Cookie', identify.noCookie(context.env.incoming))
      return { message: 'Logged out successfully' }
    },
  }),
  endpoint({
    method: 'get',
    path: '/api/auth/me',
    access: 'everyone',
    tag,
    summary: 'Who this session belongs to',
    answer: { status: 200, description: 'The user', schema: UserView },
    handle: ({ caller }) => userView(caller.user),
  }),
  endpoint({
    method: 'put',
    path: '/api/auth/password',
    access: 'everyone',
    tag,
    summary: 'Change your password; every other session of yours ends',
    body: Passwords,
    answer: { status: 200, description: 'Changed', schema: Message },
    others: THROTTLED,
    async handle({ caller, body, context }) {
      await sessions.changePassword(caller, {
        current: body.current_password,
        next: body.new_password,
        address: origins.address(context.env.incoming),
      })
      return { message: 'Password updated successfully' }
    },
  }),
  endpoint({
    method: 'post',
    path: '/api/auth/ws-ticket',
    access: 'everyone',
    tag,
    summary: 'A ticket for one WebSocket handshake',
    answer: { status: 200, description: 'Good once, for 30 seconds', schema: Ticket },
    handle({ caller }) {
      const { ticket, expiresInSeconds } = sessions.issueTicket(caller)
      return { ticket, expires_in: expiresInSeconds }
    },
  }),
]
