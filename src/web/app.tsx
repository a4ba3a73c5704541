import { useEffect } from 'preact/hooks'
import { usePlace } from './place.ts'
import { useSession, type Session, type User } from './session.ts'
import { Header } from './ui/header.tsx'
import { LogIn } from './views/log-in.tsx'
import { viewsFor, type View } from './views/views.ts'

/** The page: who is logged in sees the view that the address names, everybody else the log-in. */
export const App = () => {
  const session = useSession()
  const place = usePlace()
  const { user } = session
  const views = viewsFor(user)
  const view = views.find(({ id }) => id === place.get('view')) ?? views[0]
  useEffect(() => {
    document.title = user && view ? `${view.title} · PerfWatch` : 'PerfWatch'
  }, [user, view])

  if (user === null || view === undefined) return <LogIn session={session} />
  return <Room session={session} user={user} views={views} view={view} />
}

type RoomProps = {
  readonly session: Session
  readonly user: User
  readonly views: readonly View[]
  readonly view: View
}

const Room = ({ session, user, views, view }: RoomProps) => {
  const { Show } = view
  return (
    <>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <Header session={session} views={views} current={view} />
      <main id="content" tabIndex={-1}>
        <h1 class="hidden">{view.title}</h1>
        <Show user={user} />
      </main>
    </>
  )
}
