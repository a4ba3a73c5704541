import type { Caller, Role } from '../accounts/accounts.ts'
import { AppError } from '../app-error.ts'
import { BAD_CREDENTIALS, NOT_AUTHENTICATED, NOT_AUTHORIZED } from './failure.ts'
import type { Identity } from '../http/identity.ts'

/**
 * Who may call an endpoint, in one place. `anyone` gets the caller where there is one, so that an answer may
 * say more to those who are logged in.
 */
export const ACCESS = {
  anyone: null,
  everyone: ['admin', 'viewer', 'client'],
  readers: ['admin', 'viewer'],
  admins: ['admin'],
  /** Projects: a client makes and removes its own, a viewer only looks. */
  owners: ['admin', 'client'],
} as const satisfies Record<string, readonly Role[] | null>
export type Access = keyof typeof ACCESS

/** The caller as a handler of this access gets it. */
export type CallerOf<A extends Access> = A extends 'anyone' ? Caller | null : Caller

/** The caller, where the access lets it pass; else unauthenticated or forbidden. */
export const authorise = (access: Access, identity: Identity): Caller | null => {
  const roles: readonly Role[] | null = ACCESS[access]
  if (roles === null) return identity.kind === 'caller' ? identity.caller : null
  const caller = callerOf(identity)
  if (!roles.includes(caller.user.role))
    throw new AppError({ code: 'forbidden', detail: NOT_AUTHORIZED })
  return caller
}

/** The caller of an identity; unauthenticated where there is none. */
export const callerOf = (identity: Identity): Caller => {
  switch (identity.kind) {
    case 'caller':
      return identity.caller
    case 'refused':
      throw new AppError({ code: 'unauthenticated', detail: BAD_CREDENTIALS })
    case 'nobody':
      throw new AppError({ code: 'unauthenticated', detail: NOT_AUTHENTICATED })
  }
}
