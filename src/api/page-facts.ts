import type { UserView } from './views.ts'

/** What the page need not ask for. */
export type PageFacts = {
  readonly version: string
  /** Strangers may make themselves an account. */
  readonly registration: boolean
  /** Who is logged in. */
  readonly user: UserView | null
}
