import { useState } from 'preact/hooks'
import { secondsOf } from './range.ts'

/** A period that others are compared with, in Unix seconds, and of which host (empty: the server's own). */
export type Baseline = { readonly host: string; readonly from: number; readonly to: number }

const KEY = 'perfwatch-baseline'

const kept = (): Baseline | undefined => {
  const [from, to, host = ''] = localStorage.getItem(KEY)?.split(' ') ?? []
  const [start, end] = [secondsOf(from ?? null), secondsOf(to ?? null)]
  return start === undefined || end === undefined || start >= end
    ? undefined
    : { from: start, to: end, host: decodeURIComponent(host) }
}

/** The pinned period of this browser. */
export const useBaseline = () => {
  const [baseline, setBaseline] = useState(kept)
  return {
    baseline,
    pin: (one: Baseline) => {
      localStorage.setItem(KEY, `${one.from} ${one.to} ${encodeURIComponent(one.host)}`)
      setBaseline(one)
    },
    unpin: () => {
      localStorage.removeItem(KEY)
      setBaseline(undefined)
    },
  }
}
