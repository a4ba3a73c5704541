import type { Timers } from '../timers.ts'

/** Resolves after so many milliseconds, or as soon as the signal fires. */
export const wait = (timers: Timers, ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) {
      resolve()
      return
    }
    const aborted = () => {
      cancel()
      resolve()
    }
    const cancel = timers.after(ms, () => {
      signal.removeEventListener('abort', aborted)
      resolve()
    })
    signal.addEventListener('abort', aborted, { once: true })
  })
