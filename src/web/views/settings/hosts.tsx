import type { HostView } from '../../../api/host-registry.ts'
import { ask } from '../../api.ts'
import type { User } from '../../session.ts'
import { Moment } from '../../ui/moment.tsx'
import { Outcome } from '../../ui/outcome.tsx'
import { Question } from '../../ui/question.tsx'
import { Table } from '../../ui/table.tsx'
import { useListed } from './listed.ts'

/** The machines that have points here. */
export const Hosts = ({ user }: { readonly user: User }) => {
  const { rows, outcome, change, leaving, setLeaving } = useListed<HostView>('hosts')
  const remove = ({ host }: HostView) => {
    setLeaving(undefined)
    return change(async () => {
      const path = `api/hosts/${encodeURIComponent(host)}`
      const { message } = await ask<{ message: string }>(path, { method: 'DELETE' })
      return `${message}.`
    })
  }
  return (
    <section class="card stack" aria-label="Hosts">
      <h2>Hosts</h2>
      {rows !== undefined && (
        <Table
          label="Hosts, table"
          rows={rows}
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
      <Outcome of={outcome} />
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
