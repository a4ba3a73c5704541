/** Waiting, as a port: tests turn the time by hand. */
export type Timers = {
  /** Runs `then` once, in `ms` milliseconds or a little later; what it gives back cancels that. */
  after(ms: number, then: () => void): () => void
}

export const systemTimers: Timers = {
  after: (ms, then) => {
    const timer = setTimeout(then, ms)
    return () => clearTimeout(timer)
  },
}
