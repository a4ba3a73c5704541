import { useEffect, useState } from 'preact/hooks'
import type { Changes, Place } from './place.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Ranges that end now: their name in the address, and their length. */
export const PRESETS = [
  { id: '30m', title: '30 min', seconds: 30 * MINUTE },
  { id: '1h', title: '1 h', seconds: HOUR },
  { id: '3h', title: '3 h', seconds: 3 * HOUR },
  { id: '6h', title: '6 h', seconds: 6 * HOUR },
  { id: '12h', title: '12 h', seconds: 12 * HOUR },
  { id: '24h', title: '24 h', seconds: DAY },
  { id: '3d', title: '3 d', seconds: 3 * DAY },
  { id: '7d', title: '7 d', seconds: 7 * DAY },
  { id: '30d', title: '30 d', seconds: 30 * DAY },
  { id: '1y', title: '1 year', seconds: 365 * DAY },
] as const

const DEFAULT_PRESET = PRESETS[1]

/** What is shown, in Unix seconds; with `preset` it ends now and moves on. */
export type Range = {
  readonly from: number
  readonly to: number
  readonly preset?: string
}

/** A time of the address, ISO 8601 or Unix seconds, as Unix seconds. */
export const secondsOf = (text: string | null): number | undefined => {
  if (text === null || text.trim() === '') return undefined
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Date.parse(text) / 1000
  return Number.isFinite(seconds) ? seconds : undefined
}

/** The same for the address. */
export const isoOf = (seconds: number): string =>
  `${new Date(Math.round(seconds) * 1000).toISOString().slice(0, 19)}Z`

/** The range that the address names. */
export const rangeOf = (place: Place, now: number): Range => {
  const from = secondsOf(place.get('from'))
  const to = secondsOf(place.get('to'))
  if (from !== undefined && to !== undefined && from < to) return { from, to }
  const { id, seconds } = PRESETS.find((one) => one.id === place.get('range')) ?? DEFAULT_PRESET
  return { from: now - seconds, to: now, preset: id }
}

/** The address of a free range. */
export const freeRange = (from: number, to: number): Changes => ({
  from: isoOf(from),
  to: isoOf(to),
  range: null,
})

const MOVE_EVERY_MS = 30_000

/** Unix seconds that move on while somebody looks; `isMoving` false: they stand still. */
export const useNow = (isMoving: boolean): number => {
  const [now, setNow] = useState(() => Math.ceil(Date.now() / 1000))
  useEffect(() => {
    if (!isMoving) return
    const move = () => {
      if (!document.hidden) setNow(Math.ceil(Date.now() / 1000))
    }
    move()
    const again = setInterval(move, MOVE_EVERY_MS)
    document.addEventListener('visibilitychange', move)
    return () => {
      clearInterval(again)
      document.removeEventListener('visibilitychange', move)
    }
  }, [isMoving])
  return now
}
