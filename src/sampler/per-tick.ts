import type { Tick } from './collector.ts'

/** Reads once a tick, however many collectors ask; a reading that threw is tried again by the next that asks. */
export const perTick = <T>(read: () => T): ((tick: Tick) => T) => {
  let last: { readonly tick: Tick; readonly value: T } | undefined
  return (tick) => {
    if (last?.tick !== tick) last = { tick, value: read() }
    return last.value
  }
}
