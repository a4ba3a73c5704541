import { useEffect } from 'preact/hooks'
import { useLoaded } from './load.ts'
import { usePlace } from './place.ts'
import { useSession, type Session, type User } from './session.ts'
import { Header } from './ui/header.tsx'
import { LogIn } from './views/log-in.tsx'
import { viewsFor, viewsWithSome, type View } from './views/views.ts'

/** The page: who is logged in sees the view that the address names, everybody else the log-in. */
export const App = () => {
  const session = useSession()
  const { user } = session
  return user === null ? <LogIn session={session} /> : <Room session={session} user={user} />
}

const Room = ({ session, user }: { readonly session: Session; readonly user: User }) => {
  const place = usePlace()
  const { value: known } = useLoaded(user.username, (signal) => viewsWithSome(user, signal))
  const all = known ?? viewsFor(user)
  // what may have nothing to show waits for the word
  const isSure = ({ hasSome }: View) => known !== undefined || hasSome === undefined
  const chosen = all.find(({ id }) => id === place.get('view')) ?? all[0]
  const view = chosen !== undefined && isSure(chosen) ? chosen : undefined
  useEffect(() => {
    document.title = view === undefined ? 'PerfWatch' : `${view.title} · PerfWatch`
  }, [view])

  return (
    <>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <Header session={session} views={all.filter(isSure)} current={view} />
      <main id="content" tabIndex={-1} aria-busy={view === undefined}>
        {view !== undefined && (
          <>
            <h1 class="hidden">{view.title}</h1>
            <view.Show user={user} />
          </>
        )}
      </main>
    </>
  )
}
