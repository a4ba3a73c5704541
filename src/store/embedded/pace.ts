/** Gives the event loop back now and then: `if (pace.due()) await pace.rest()`. */
export type Pace = {
  due(): boolean
  rest(): Promise<void>
}

export type PaceOptions = {
  /** Milliseconds of work at a stretch. */
  readonly stretchMs?: number | undefined
  /** Told how long each stretch really was. */
  readonly onStretch?: ((ms: number) => void) | undefined
}

const STRETCH_MS = 4

/** A pace for one piece of work. The time is the real one also in tests: it is no part of any result. */
export const createPace = ({ stretchMs = STRETCH_MS, onStretch }: PaceOptions = {}): Pace => {
  let since = performance.now()
  return {
    due: () => performance.now() - since >= stretchMs,
    rest: async () => {
      onStretch?.(performance.now() - since)
      await new Promise((resume) => {
        setImmediate(resume)
      })
      since = performance.now()
    },
  }
}

/** Does work that comes in steps, resting between them when it is due. */
export const paced = async <T>(steps: Generator<undefined, T>, pace: Pace): Promise<T> => {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    if (pace.due()) await pace.rest()
  }
}
