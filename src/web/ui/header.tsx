import { useState } from 'preact/hooks'
import { chosenTheme, chooseTheme, THEMES } from '../chart/theme.ts'
import { useHost, useHosts } from '../hosts.ts'
import { go, hrefOf } from '../place.ts'
import type { Session } from '../session.ts'
import type { View } from '../views/views.ts'
import { Link } from './link.tsx'

type Props = {
  readonly session: Session
  readonly views: readonly View[]
  readonly current: View | undefined
}

/** Where one can go, whose host is shown, and who is logged in. */
export const Header = ({ session, views, current }: Props) => {
  const host = useHost()
  return (
    <header class="top">
      <Link class="brand" href={hrefOf({}, { fresh: true })}>
        PerfWatch
      </Link>
      <nav aria-label="Views">
        {views.map(({ id, title }) => (
          <Link
            key={id}
            href={hrefOf({ view: id, host }, { fresh: true })}
            isCurrent={id === current?.id}
          >
            {title}
          </Link>
        ))}
      </nav>
      <HostPicker mayRead={session.user?.role !== 'client'} />
      <ThemePicker />
      <span class="who">
        {session.user?.username}
        <button type="button" class="link" onClick={() => void session.logOut()}>
          Log out
        </button>
      </span>
    </header>
  )
}

/** Hidden while there is one host. */
const HostPicker = ({ mayRead }: { readonly mayRead: boolean }) => {
  const hosts = useHosts(mayRead)
  const host = useHost()
  if (hosts.length < 2) return null
  const own = hosts.find(({ self }) => self)?.host
  return (
    <select
      aria-label="Host"
      value={host ?? own}
      onChange={({ currentTarget: { value } }) => go({ host: value === own ? null : value })}
    >
      {hosts.map(({ host: name, status }) => (
        <option key={name} value={name}>
          {status === 'live' ? name : `${name} (${status})`}
        </option>
      ))}
    </select>
  )
}

const THEME_NAMES = { auto: 'As the system', light: 'Light', dark: 'Dark' } as const

const ThemePicker = () => {
  const [theme, setTheme] = useState(chosenTheme)
  return (
    <select
      aria-label="Colours"
      value={theme}
      onChange={({ currentTarget: { value } }) => {
        const chosen = THEMES.find((one) => one === value) ?? 'auto'
        chooseTheme(chosen)
        setTheme(chosen)
      }}
    >
      {THEMES.map((one) => (
        <option key={one} value={one}>
          {THEME_NAMES[one]}
        </option>
      ))}
    </select>
  )
}
