import { useMemo } from 'preact/hooks'
import type { ClientSamples, ClientSessions } from '../../api/routes/client-cpu.ts'
import { ask, urlOf } from '../api.ts'
import { ChartFigure } from '../chart/figure.tsx'
import { localTime } from '../format.ts'
import { useLoaded } from '../load.ts'
import { hrefOf, usePlace } from '../place.ts'
import type { User } from '../session.ts'
import { Link } from '../ui/link.tsx'
import { Moment } from '../ui/moment.tsx'
import { Table } from '../ui/table.tsx'
import { Failure } from '../ui/failure.tsx'

type Session = ClientSessions['sessions'][number]

export const clientSessions = (signal: AbortSignal): Promise<ClientSessions> =>
  ask('api/client-cpu/sessions', { signal })

/** What clients of PerformanceMonitor have measured of their own machines, a session at a time. */
export const ClientCpu = ({ user }: { readonly user: User }) => {
  const { value, error } = useLoaded('sessions', clientSessions)
  const chosen = usePlace().get('session')
  const sessions = value?.sessions.toReversed() ?? []
  const session = sessions.find(({ id }) => id === chosen) ?? sessions[0]
  return (
    <>
      <Failure of={error} />
      {value !== undefined && sessions.length === 0 && (
        <p class="empty">
          There is no session yet. A client of PerformanceMonitor that logs in begins one, and its
          samples appear here.
        </p>
      )}
      {session !== undefined && <Samples session={session} />}
      {sessions.length > 0 && (
        <section class="card" aria-label="Sessions">
          <h2>Sessions</h2>
          <Table
            label="Sessions, table"
            rows={sessions}
            keyOf={({ id }) => id}
            columns={[
              {
                title: 'Began',
                show: (one) => (
                  <Link href={hrefOf({ session: one.id })} isCurrent={one === session}>
                    <Moment at={one.started_at} />
                  </Link>
                ),
              },
              ...(user.role === 'admin'
                ? [{ title: 'User', show: (one: Session) => one.user }]
                : []),
              { title: 'Last sample', show: (one) => <Moment at={one.last_at} /> },
              { title: 'Samples', isNumber: true, show: (one) => one.samples },
            ]}
          />
        </section>
      )}
    </>
  )
}

const LINES = [{ label: 'CPU' }] as const

const Samples = ({ session }: { readonly session: Session }) => {
  const { value, error } = useLoaded(`${session.id} ${session.samples}`, (signal) =>
    ask<ClientSamples>('api/client-cpu', { query: { session: session.id }, signal }),
  )
  const columns = useMemo(() => {
    const points = value?.data_points ?? []
    return {
      times: points.map(({ timestamp }) => Date.parse(timestamp) / 1000),
      values: [points.map(({ cpu }) => cpu)],
    }
  }, [value])
  const csv = urlOf('api/client-cpu', { session: session.id, format: 'csv' }).href
  return (
    <section class="card" aria-label={`CPU of ${session.user}`}>
      <Failure of={error} />
      <ChartFigure
        title={`CPU of ${session.user}, session of ${localTime(Date.parse(session.started_at))}`}
        aside={
          <a class="button" href={csv} download>
            CSV
          </a>
        }
        unit="percent"
        lines={LINES}
        columns={columns}
        height={240}
        empty="This session has no samples yet."
      />
    </section>
  )
}
