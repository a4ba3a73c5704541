import type { ComponentType } from 'preact'
import type { User } from '../session.ts'
import { Compare } from './compare.tsx'
import { History } from './history.tsx'
import { Live } from './live.tsx'

/** A page of the page: its name in the address, and who may see it. */
export type View = {
  readonly id: string
  readonly title: string
  readonly mayShow: (user: User) => boolean
  readonly Show: ComponentType<{ readonly user: User }>
}

const mayReadMetrics = ({ role }: User): boolean => role !== 'client'

/** Every view in the order of the menu; adding one is one line here and its file beside. */
const VIEWS: readonly View[] = [
  { id: 'live', title: 'Live', mayShow: mayReadMetrics, Show: Live },
  { id: 'history', title: 'History', mayShow: mayReadMetrics, Show: History },
  { id: 'compare', title: 'Compare', mayShow: mayReadMetrics, Show: Compare },
]

/** What an account may see; the first is where it begins. */
export const viewsFor = (user: User | null): readonly View[] =>
  user === null ? [] : VIEWS.filter(({ mayShow }) => mayShow(user))
