import type { ComponentType } from 'preact'
import type { ProjectView } from '../../api/views.ts'
import { ask } from '../api.ts'
import type { User } from '../session.ts'
import { ClientCpu, clientSessions } from './client-cpu.tsx'
import { Compare } from './compare.tsx'
import { Events } from './events.tsx'
import { History } from './history.tsx'
import { Live } from './live.tsx'
import { Logs } from './logs.tsx'
import { Moods, moodsOf } from './moods.tsx'
import { Settings } from './settings.tsx'

/** A page of the page: its name in the address, and who may see it. */
export type View = {
  readonly id: string
  readonly title: string
  readonly mayShow: (user: User) => boolean
  /** Without it there is always something to see; else asked once after the log-in. */
  readonly hasSome?: (user: User, signal: AbortSignal) => Promise<boolean>
  readonly Show: ComponentType<{ readonly user: User }>
}

const anyone = (): boolean => true
const isReader = ({ role }: User): boolean => role !== 'client'

/** Every view in the order of the menu; adding one is one line here and its file beside. */
const VIEWS: readonly View[] = [
  { id: 'live', title: 'Live', mayShow: isReader, Show: Live },
  { id: 'history', title: 'History', mayShow: isReader, Show: History },
  { id: 'compare', title: 'Compare', mayShow: isReader, Show: Compare },
  {
    id: 'logs',
    title: 'Logs',
    mayShow: anyone,
    hasSome: async (user, signal) => {
      if (isReader(user)) return true
      const { logs } = await ask<{ logs: unknown[] }>('api/logs', { query: { limit: 1 }, signal })
      return logs.length > 0
    },
    Show: Logs,
  },
  {
    id: 'events',
    title: 'Events',
    mayShow: anyone,
    hasSome: async (user, signal) => {
      if (isReader(user)) return true
      const { projects } = await ask<{ projects: ProjectView[] }>('api/projects', { signal })
      return projects.length > 0
    },
    Show: Events,
  },
  {
    id: 'moods',
    title: 'Moods',
    mayShow: anyone,
    // anybody may begin a diary, where the server has that door
    hasSome: (user, signal) => moodsOf(user, signal).then(() => true),
    Show: Moods,
  },
  {
    id: 'client-cpu',
    title: 'Client CPU',
    mayShow: anyone,
    hasSome: async (user, signal) =>
      user.role === 'admin' || (await clientSessions(signal)).sessions.length > 0,
    Show: ClientCpu,
  },
  { id: 'settings', title: 'Settings', mayShow: anyone, Show: Settings },
]

/** All that an account may see, before anybody has looked whether there is something. */
export const viewsFor = (user: User): readonly View[] =>
  VIEWS.filter(({ mayShow }) => mayShow(user))

/** Those of them that have something; what cannot be asked has nothing. */
export const viewsWithSome = async (user: User, signal: AbortSignal): Promise<readonly View[]> => {
  const views = viewsFor(user)
  const some = await Promise.all(
    views.map(async ({ hasSome }) => (await hasSome?.(user, signal).catch(() => false)) ?? true),
  )
  return views.filter((_, place) => some[place])
}
