/** Told of what went wrong where no caller can be told: a sentence for the log and its cause. */
export type OnProblem = (sentence: string, cause: unknown) => void

export type Listeners<Event> = {
  /** Gives what removes the listener again. */
  add(listener: (event: Event) => void): () => void
  emit(event: Event): void
}

/** A listener that throws is reported, and the others are still called. */
export const createListeners = <Event>(what: string, onProblem: OnProblem): Listeners<Event> => {
  const listeners = new Set<(event: Event) => void>()
  return {
    add: (listener) => {
      // A function of its own, so that one listener added twice is removed once.
      const own = (event: Event) => listener(event)
      listeners.add(own)
      return () => listeners.delete(own)
    },
    emit: (event) => {
      for (const listener of listeners) {
        try {
          listener(event)
        } catch (cause) {
          onProblem(`A listener of ${what} failed.`, cause)
        }
      }
    },
  }
}
