import { useState } from 'preact/hooks'
import type { ListedUserView } from '../../../api/views.ts'
import { ask } from '../../api.ts'
import type { User } from '../../session.ts'
import { Form, textsOf } from '../../ui/form.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Outcome } from '../../ui/outcome.tsx'
import { Question } from '../../ui/question.tsx'
import { Table } from '../../ui/table.tsx'
import { useListed } from './listed.ts'

/** The compiler holds the list to the server's. */
const ROLES = Object.keys({
  viewer: true,
  client: true,
  admin: true,
} satisfies Record<User['role'], true>) as readonly User['role'][]

/** Who has an account here. */
export const Users = ({ user: self }: { readonly user: User }) => {
  const { rows, isBusy, outcome, change, leaving, setLeaving } = useListed<ListedUserView>('users')
  const [isPurge, setPurge] = useState(false)

  const add = (form: HTMLFormElement) =>
    change(async () => {
      await ask('api/users', { method: 'POST', body: textsOf(form) })
      form.reset()
      return 'Added.'
    })
  const patch = ({ id }: ListedUserView, body: object, done: string) =>
    change(async () => {
      await ask(`api/users/${id}`, { method: 'PATCH', body })
      return done
    })
  const remove = ({ id, username }: ListedUserView) => {
    setLeaving(undefined)
    return change(async () => {
      const query = isPurge ? { purge: true } : {}
      await ask(`api/users/${id}`, { method: 'DELETE', query })
      return `${username} is removed.`
    })
  }

  return (
    <section class="card stack" aria-label="Users">
      <h2>Users</h2>
      {rows !== undefined && (
        <Table
          label="Users, table"
          rows={rows}
          keyOf={({ id }) => id}
          columns={[
            { title: 'Name', show: ({ username }) => username },
            {
              title: 'Role',
              show: (one) => (
                <select
                  aria-label={`Role of ${one.username}`}
                  value={one.role}
                  disabled={one.id === self.id}
                  onChange={({ currentTarget: { value } }) =>
                    void patch(one, { role: value }, `${one.username} is ${value} now.`)
                  }
                >
                  {ROLES.map((role) => (
                    <option key={role} value={role}>
                      {role}
                    </option>
                  ))}
                </select>
              ),
            },
            { title: 'Last log-in', show: ({ last_login }) => <Moment at={last_login} /> },
            {
              title: '',
              show: (one) =>
                one.id === self.id ? null : (
                  <span class="group">
                    <NewPassword
                      user={one}
                      onSet={(password) =>
                        void patch(one, { password }, `${one.username} has a new password.`)
                      }
                    />
                    <button type="button" class="danger" onClick={() => setLeaving(one)}>
                      Remove {one.username}
                    </button>
                  </span>
                ),
            },
          ]}
        />
      )}
      <Form onSend={add}>
        <label>
          Name
          <input name="username" required maxLength={64} autocomplete="off" />
        </label>
        <label>
          Password of the new user
          <input name="password" type="password" required autocomplete="new-password" />
        </label>
        <label>
          Role
          <select name="role">
            {ROLES.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" class="primary" disabled={isBusy}>
          Add user
        </button>
      </Form>
      <Outcome of={outcome} />
      {leaving !== undefined && (
        <Question
          title={`Remove ${leaving.username}?`}
          yes="Remove"
          onNo={() => setLeaving(undefined)}
          onYes={() => void remove(leaving)}
        >
          <p>
            Sessions end at once. The name stays taken, and what the user has sent stays for admins.
          </p>
          <label class="inline">
            <input
              type="checkbox"
              checked={isPurge}
              onChange={({ currentTarget }) => setPurge(currentTarget.checked)}
            />
            Delete what the user has sent too, and free the name
          </label>
        </Question>
      )}
    </section>
  )
}

type NewPasswordProps = {
  readonly user: ListedUserView
  readonly onSet: (password: string) => void
}

const NewPassword = ({ user, onSet }: NewPasswordProps) => {
  const [isOpen, setOpen] = useState(false)
  if (!isOpen)
    return (
      <button type="button" onClick={() => setOpen(true)}>
        New password
      </button>
    )
  return (
    <Form
      class="group"
      onSend={(form) => {
        onSet(textsOf(form)['password'] ?? '')
        setOpen(false)
      }}
    >
      <input
        name="password"
        type="password"
        aria-label={`New password of ${user.username}`}
        autocomplete="new-password"
        required
        autofocus
      />
      <button type="submit">Set</button>
    </Form>
  )
}
