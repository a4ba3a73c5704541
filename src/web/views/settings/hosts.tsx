import { useState } from 'preact/hooks'
import type { HostView } from '../../../api/host-registry.ts'
import { useAction } from '../../action.ts'
import { ask } from '../../api.ts'
import { useLoaded } from '../../load.ts'
import type { User } from '../../session.ts'
import { Moment } from '../../ui/moment.tsx'
import { Outcome } from '../../ui/outcome.tsx'
import { Question } from '../../ui/question.tsx'
import { Table } from '../../ui/table.tsx'

/** The machines that have points here. */
export const Hosts = ({ user }: { readonly user: User }) => {
  const hosts = useLoaded('hosts', (signal) => ask<{ hosts: HostView[] }>('api/hosts', { signal }))
  const action = useAction()
  const [leaving, setLeaving] = useState<HostView>()
  const remove = ({ host }: HostView) => {
    setLeaving(undefined)
    return action.run(async () => {
      const { message } = await ask<{ message: string }>(`api/hosts/${encodeURIComponent(host)}`, {
        method: 'DELETE',
      })
      hosts.reload()
      return `${message}.`
    })
  }
  return (
    <section class="card stack" aria-label="Hosts">
      <h2>Hosts</h2>
      {hosts.value !== undefined && (
        <Table
          label="Hosts, table"
          rows={hosts.value.hosts}
          keyOf={({ host }) => host}
          columns={[
            { title: 'Name', show: ({ host, self }) => (self ? `${host} (this server)` : host) },
            { title: 'State', show: ({ status }) => status },
            { title: 'First sample', show: ({ first_seen }) => <Moment at={first_seen} /> },
            { title: 'Last sample', show: ({ last_seen }) => <Moment at={last_seen} /> },
            {
              title: '',
              show: (one) =>
                user.role === 'admin' &&
                !one.self && (
                  <button type="button" class="danger" onClick={() => setLeaving(one)}>
                    Delete {one.host}
                  </button>
                ),
            },
          ]}
        />
      )}
      <Outcome of={hosts.error === undefined ? action : { error: hosts.error, done: undefined }} />
      {leaving !== undefined && (
        <Question
          title={`Delete ${leaving.host}?`}
          yes="Delete"
          onNo={() => setLeaving(undefined)}
          onYes={() => void remove(leaving)}
        >
          <p>The host and all its points are deleted, for good.</p>
        </Question>
      )}
    </section>
  )
}
