import { useEffect, useRef, useState } from 'preact/hooks'
import { LOG_LEVELS } from '../../catalog/records.ts'
import type { LogView } from '../../api/routes/logs.ts'
import { ask } from '../api.ts'
import { localTime, utcTime } from '../format.ts'
import { useFeed } from '../live.ts'
import { sentenceOf, useLoaded } from '../load.ts'
import { go, usePlace } from '../place.ts'
import { isoOf, secondsOf } from '../range.ts'
import type { User } from '../session.ts'
import { StateLight } from '../ui/state-light.tsx'
import { TextFilter } from '../ui/text-filter.tsx'
import { TimeField } from '../ui/range-picker.tsx'
import { Failure } from '../ui/failure.tsx'

type Log = LogView
type Page = { readonly logs: readonly Log[]; readonly next_cursor: string | null }

/** More than this is not kept while following; older ones are a click away. */
const MOST_FOLLOWED = 1_000

const idsOf = (logs: readonly Log[]) => new Set(logs.map(({ id }) => id))

/** The newer first, each once. */
const joined = (newer: readonly Log[], older: readonly Log[]): readonly Log[] => {
  const known = idsOf(older)
  return [...newer.filter(({ id }) => !known.has(id)), ...older]
}

const filterOf = (place: URLSearchParams) => {
  const { level, user, text } = Object.fromEntries(place)
  return {
    ...(level !== undefined && { level }),
    ...(user !== undefined && { user }),
    ...(text !== undefined && { text }),
  }
}

type Tail = {
  readonly logs: readonly Log[]
  readonly waiting: number
  readonly cursor: string | null
  readonly error: string | undefined
  readonly isLoading: boolean
  readonly state: ReturnType<typeof useFeed>['state']
  older(): void
}

/** The newest records that meet the filter, and while nobody looks at the past those that come in. */
const useTail = (
  filter: ReturnType<typeof filterOf>,
  until: string | undefined,
  isPaused: boolean,
): Tail => {
  const [pages, setPages] = useState<Page>({ logs: [], next_cursor: null })
  const [fresh, setFresh] = useState<readonly Log[]>([])
  const [error, setError] = useState<string>()
  const key = JSON.stringify([filter, until])
  const first = useLoaded(key, (signal) =>
    ask<Page>('api/logs', { query: { ...filter, until }, signal }),
  )
  const wanted = useRef(filter)
  wanted.current = filter

  useEffect(() => {
    setFresh([])
    setPages({ logs: [], next_cursor: null })
  }, [key])
  useEffect(() => {
    if (first.value !== undefined) setPages(first.value)
  }, [first.value])

  const { state, send } = useFeed(null, {
    onOpen: (say) => {
      say({ type: 'subscribe', channel: 'logs', filter: wanted.current })
      // what came while nobody listened
      first.reload()
    },
    onMessage: ({ type, data, detail }) => {
      if (type === 'logs' && Array.isArray(data))
        setFresh((before) => joined((data as Log[]).toReversed(), before).slice(0, MOST_FOLLOWED))
      if (type === 'error' && detail !== undefined) setError(detail)
    },
  })
  useEffect(() => {
    setError(undefined)
    send({ type: 'subscribe', channel: 'logs', filter })
  }, [JSON.stringify(filter)])

  // what was on its way when the pause began stays where it is
  const shown = useRef<readonly Log[]>([])
  const all = until === undefined ? joined(fresh, pages.logs) : pages.logs
  if (!isPaused) shown.current = all
  const known = idsOf(shown.current)

  const older = () => {
    ask<Page>('api/logs', { query: { ...filter, until, cursor: pages.next_cursor } }).then(
      (page) => setPages((before) => ({ ...page, logs: joined(before.logs, page.logs) })),
      (cause: unknown) => setError(sentenceOf(cause)),
    )
  }
  return {
    logs: isPaused ? shown.current : all,
    waiting: isPaused ? all.filter(({ id }) => !known.has(id)).length : 0,
    cursor: pages.next_cursor,
    error: error ?? first.error,
    isLoading: first.isLoading,
    state,
    older,
  }
}

/** Log lines of programs: the newest, those that come in, and back as far as they go. */
export const Logs = ({ user }: { readonly user: User }) => {
  const place = usePlace()
  const [isPaused, setPaused] = useState(false)
  const until = place.get('until') ?? undefined
  const filter = filterOf(place)
  const tail = useTail(filter, until, isPaused)
  const change = (name: string, value: string) => go({ [name]: value }, { replace: true })

  return (
    <>
      <div class="controls">
        <label>
          Level
          <select
            value={filter.level ?? ''}
            onChange={({ currentTarget }) => change('level', currentTarget.value)}
          >
            <option value="">all</option>
            {LOG_LEVELS.map((level) => (
              <option key={level} value={level}>
                {level} and above
              </option>
            ))}
          </select>
        </label>
        {user.role !== 'client' && (
          <TextFilter
            label="User"
            value={filter.user ?? ''}
            onChange={(value) => change('user', value)}
          />
        )}
        <TextFilter
          label="Text"
          value={filter.text ?? ''}
          onChange={(value) => change('text', value)}
        />
        <TimeField
          label="Before"
          value={secondsOf(until ?? null) ?? Math.ceil(Date.now() / 1000)}
          onChange={(at) => go({ until: isoOf(at) })}
        />
        {until === undefined ? (
          <button type="button" aria-pressed={isPaused} onClick={() => setPaused(!isPaused)}>
            {isPaused ? `Resume (${tail.waiting} waiting)` : 'Pause'}
          </button>
        ) : (
          <button type="button" onClick={() => go({ until: null })}>
            Follow
          </button>
        )}
        {until === undefined && (
          <StateLight state={isPaused ? 'paused' : tail.state} lastAt={undefined} step={0} />
        )}
      </div>
      <Failure of={tail.error} />
      <section class="card" aria-label="Log records" aria-busy={tail.isLoading}>
        {tail.logs.length === 0 ? (
          <p class="empty">
            {tail.isLoading
              ? 'Loading.'
              : 'No record meets this. What LoggerBot’s clients send appears here at once.'}
          </p>
        ) : (
          <LogTable logs={tail.logs} hasUsers={user.role !== 'client'} />
        )}
        {tail.cursor !== null && (
          <button type="button" onClick={tail.older}>
            Older
          </button>
        )}
      </section>
    </>
  )
}

/** When it happened by its own word, else when it arrived. */
const timeOf = ({ event_at, received_at }: Log): number => Date.parse(event_at ?? received_at ?? '')

const LogTable = ({
  logs,
  hasUsers,
}: {
  readonly logs: readonly Log[]
  readonly hasUsers: boolean
}) => (
  <div class="scroll page" tabIndex={0} role="region" aria-label="Log records, table">
    <table class="logs">
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">Level</th>
          {hasUsers && <th scope="col">User</th>}
          <th scope="col">Process</th>
          <th scope="col">Message</th>
        </tr>
      </thead>
      <tbody>
        {logs.map((log) => (
          <tr key={log.id} class={`level-${log.level}`}>
            <td class="time" title={utcTime(timeOf(log))}>
              {localTime(timeOf(log))}
            </td>
            <td class="level" title={log.level_original}>
              {log.level}
            </td>
            {hasUsers && <td>{log.user}</td>}
            <td title={log.p_description}>
              {log.p_name}
              {log.pid === null ? '' : ` (${log.pid})`}
            </td>
            <td class="message">{log.msg}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)
