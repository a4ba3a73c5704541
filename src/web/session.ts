import { useEffect, useState } from 'preact/hooks'
import type { UserView } from '../api/views.ts'
import { ask, onLoggedOut } from './api.ts'
import { facts } from './facts.ts'
import { go } from './place.ts'

export type User = UserView

export type Session = {
  /** Null: nobody is logged in. */
  readonly user: User | null
  logIn(username: string, password: string): Promise<void>
  signUp(username: string, password: string): Promise<void>
  logOut(): Promise<void>
}

/** Who is logged in. The cookie is the browser's and out of reach of any script. */
export const useSession = (): Session => {
  const [user, setUser] = useState(facts.user)
  useEffect(() => onLoggedOut(() => setUser(null)), [])
  const logIn = async (username: string, password: string) => {
    await ask('api/auth/login', { method: 'POST', body: { username, password } })
    setUser(await ask<User>('api/auth/me'))
  }
  return {
    user,
    logIn,
    signUp: async (username, password) => {
      await ask('api/auth/register', { method: 'POST', body: { username, password } })
      await logIn(username, password)
    },
    logOut: async () => {
      await ask('api/auth/logout', { method: 'POST' })
      setUser(null)
      // who comes next begins at the beginning
      go({}, { fresh: true })
    },
  }
}
