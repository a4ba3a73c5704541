import { AppError } from '../app-error.ts'
import type { Accounts } from './accounts.ts'
import type { Credentials } from './credentials.ts'
import { toUser } from './user-rows.ts'

/** LoggerBot's users: clients with a credential beside the password. */
export const createLogger = (deps: {
  credentials: Credentials
  create: Accounts['users']['create']
}): Accounts['logger'] => ({
  createUser: async ({ username, password, telId }) => {
    try {
      return await deps.create({ username, password, telId, role: 'client', logger: true })
    } catch (error) {
      if (error instanceof AppError && error.code === 'conflict') return null
      throw error
    }
  },
  verify: async (given) => toUser(await deps.credentials.recheckLogger(given)),
})
