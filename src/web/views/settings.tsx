import type { ComponentType } from 'preact'
import { hrefOf, usePlace } from '../place.ts'
import type { User } from '../session.ts'
import { Link } from '../ui/link.tsx'
import { About } from './settings/about.tsx'
import { Doctor } from './settings/doctor.tsx'
import { Hosts } from './settings/hosts.tsx'
import { Password } from './settings/password.tsx'
import { Projects } from './settings/projects.tsx'
import { Retention } from './settings/retention.tsx'
import { Sampling } from './settings/sampling.tsx'
import { Tokens } from './settings/tokens.tsx'
import { Users } from './settings/users.tsx'

type Section = {
  readonly id: string
  readonly title: string
  readonly roles: readonly User['role'][]
  readonly Show: ComponentType<{ readonly user: User }>
}

const ALL = ['admin', 'viewer', 'client'] as const
const READERS = ['admin', 'viewer'] as const
const ADMINS = ['admin'] as const

const SECTIONS: readonly Section[] = [
  { id: 'retention', title: 'Retention', roles: READERS, Show: Retention },
  { id: 'sampling', title: 'Sampling', roles: READERS, Show: Sampling },
  { id: 'hosts', title: 'Hosts', roles: READERS, Show: Hosts },
  { id: 'users', title: 'Users', roles: ADMINS, Show: Users },
  { id: 'tokens', title: 'Tokens', roles: ADMINS, Show: Tokens },
  { id: 'projects', title: 'Projects', roles: ALL, Show: Projects },
  { id: 'password', title: 'Password', roles: ALL, Show: Password },
  { id: 'doctor', title: 'Doctor', roles: ADMINS, Show: Doctor },
  { id: 'about', title: 'About', roles: ALL, Show: About },
]

/** What can be set, by who may. */
export const Settings = ({ user }: { readonly user: User }) => {
  const sections = SECTIONS.filter(({ roles }) => roles.includes(user.role))
  const chosen = usePlace().get('section')
  const section = sections.find(({ id }) => id === chosen) ?? sections[0]
  if (section === undefined) return null
  const { Show } = section
  return (
    <>
      <nav class="group" aria-label="Settings">
        {sections.map(({ id, title }) => (
          <Link
            key={id}
            class="button"
            href={hrefOf({ section: id })}
            isCurrent={id === section.id}
          >
            {title}
          </Link>
        ))}
      </nav>
      <Show user={user} />
    </>
  )
}
