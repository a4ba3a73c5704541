import { useState } from 'preact/hooks'
import type { ListedUserView } from '../../../api/views.ts'
import { useAction } from '../../action.ts'
import { ask } from '../../api.ts'
import { useLoaded } from '../../load.ts'
import type { User } from '../../session.ts'
import { textsOf } from '../../ui/form.ts'
import { Moment } from '../../ui/moment.tsx'
import { Outcome } from '../../ui/outcome.tsx'
import { Question } from '../../ui/question.tsx'
import { Table } from '../../ui/table.tsx'

/** The compiler holds the list to the server's. */
const ROLES = Object.keys({
  viewer: true,
  client: true,
  admin: true,
} satisfies Record<User['role'], true>) as readonly User['role'][]

/** Who has an account here. */
export const Users = ({ user: self }: { readonly user: User }) => {
  const users = useLoaded('users', (signal) =>
    ask<{ users: ListedUserView[] }>('api/users', { signal }),
  )
  const action = useAction()
  const [leaving, setLeaving] = useState<ListedUserView>()
  const [isPurge, setPurge] = useState(false)

  const change = (work: () => Promise<unknown>, done: string) =>
    action.run(async () => {
      await work()
      users.reload()
      return done
    })
  const add = (form: HTMLFormElement) =>
    change(async () => {
      await ask('api/users', { method: 'POST', body: textsOf(form) })
      form.reset()
    }, 'Added.')
  const remove = ({ id, username }: ListedUserView) => {
    setLeaving(undefined)
    const query = isPurge ? { purge: true } : {}
    return change(
      () => ask(`api/users/${id}`, { method: 'DELETE', query }),
      `${username} is removed.`,
    )
  }

  return (
    <section class="card stack" aria-label="Users">
      <h2>Users</h2>
      {users.value !== undefined && (
        <Table
          label="Users, table"
          rows={users.value.users}
          keyOf={({ id }) => id}
          columns={[
            { title: 'Name', show: ({ username }) => username },
            {
              title: 'Role',
              show: ({ id, username, role }) => (
                <select
                  aria-label={`Role of ${username}`}
                  value={role}
                  disabled={id === self.id}
                  onChange={({ currentTarget: { value } }) =>
                    void change(
                      () => ask(`api/users/${id}`, { method: 'PATCH', body: { role: value } }),
                      `${username} is ${value} now.`,
                    )
                  }
                >
                  {ROLES.map((one) => (
                    <option key={one} value={one}>
                      {one}
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
                        void change(
                          () => ask(`api/users/${one.id}`, { method: 'PATCH', body: { password } }),
                          `${one.username} has a new password.`,
                        )
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
      <form
        class="controls"
        onSubmit={(event) => {
          event.preventDefault()
          void add(event.currentTarget)
        }}
      >
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
        <button type="submit" class="primary" disabled={action.isBusy}>
          Add user
        </button>
      </form>
      <Outcome of={users.error === undefined ? action : { error: users.error, done: undefined }} />
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
    <form
      class="group"
      onSubmit={(event) => {
        event.preventDefault()
        onSet(textsOf(event.currentTarget)['password'] ?? '')
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
    </form>
  )
}
