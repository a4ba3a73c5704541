import { useEffect, useState } from 'preact/hooks'
import { duration, localTime, utcTime } from '../format.ts'
import type { LiveState } from '../live.ts'

/** So many intervals without a sample are too many. */
const LATE_STEPS = 3

const WORDS: Readonly<Record<LiveState | 'polling', string>> = {
  connecting: 'Connecting',
  live: 'Live',
  polling: 'Read every 10 s',
  reconnecting: 'Reconnecting',
  paused: 'Paused',
}

type Props = {
  readonly state: LiveState | 'polling'
  /** Unix seconds of the newest sample. */
  readonly lastAt: number | undefined
  readonly step: number
}

/** Whether what is shown is of now. */
export const StateLight = ({ state, lastAt, step }: Props) => {
  const [now, setNow] = useState(Date.now() / 1000)
  useEffect(() => {
    const tick = setInterval(() => setNow(Date.now() / 1000), 5_000)
    return () => clearInterval(tick)
  }, [])
  const age = lastAt === undefined ? undefined : now - lastAt
  const isStale = age !== undefined && age > Math.max(15, LATE_STEPS * step)
  const isWell = (state === 'live' || state === 'polling') && !isStale
  return (
    <p
      class={`light ${isWell ? 'well' : 'ill'}`}
      role="status"
      title={
        lastAt === undefined ? undefined : `${localTime(lastAt * 1000)} (${utcTime(lastAt * 1000)})`
      }
    >
      {isStale ? `${WORDS[state]}: stale since ${duration(age)}` : WORDS[state]}
    </p>
  )
}
