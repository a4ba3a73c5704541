import { useMemo } from 'preact/hooks'
import type { ClientSamples, ClientSessions } from '../../api/routes/client-cpu.ts'
import { ask, urlOf } from '../api.ts'
import { ChartFigure } from '../chart/figure.tsx'
import { localTime, utcTime } from '../format.ts'
import { useLoaded } from '../load.ts'
import { hrefOf, usePlace } from '../place.ts'
import type { User } from '../session.ts'
import { Link } from '../ui/link.tsx'

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
      {error !== undefined && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
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
          <div class="scroll" tabIndex={0} role="region" aria-label="Sessions, table">
            <table>
              <thead>
                <tr>
                  <th scope="col">Began</th>
                  {user.role === 'admin' && <th scope="col">User</th>}
                  <th scope="col">Last sample</th>
                  <th scope="col" class="number">
                    Samples
                  </th>
                </tr>
              </thead>
              <tbody>
                {sessions.map((one) => (
                  <tr key={one.id}>
                    <td title={utcTime(Date.parse(one.started_at))}>
                      <Link href={hrefOf({ session: one.id })} isCurrent={one === session}>
                        {localTime(Date.parse(one.started_at))}
                      </Link>
                    </td>
                    {user.role === 'admin' && <td>{one.user}</td>}
                    <td>{one.last_at === null ? '–' : localTime(Date.parse(one.last_at))}</td>
                    <td class="number">{one.samples}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
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
      {error !== undefined && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
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
