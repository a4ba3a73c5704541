import { AppError } from '../app-error.ts'

/** Lets a few works run at once and a bounded number wait. */
export type Gate = {
  /** Runs in order of arrival; AppError `too-many` when the waiting line is full. */
  run<T>(work: () => Promise<T>): Promise<T>
}

export const createGate = (limits: { atOnce: number; waiting: number }): Gate => {
  let running = 0
  const line: (() => void)[] = []

  const enter = async (): Promise<void> => {
    if (running < limits.atOnce) {
      running += 1
      return
    }
    if (line.length >= limits.waiting) {
      throw new AppError({
        code: 'too-many',
        detail: 'Too many log-ins at once. Try again in a moment.',
        retryAfterSeconds: 1,
      })
    }
    // The place is handed over by `leave`, so a newcomer cannot overtake.
    await new Promise<void>((resolve) => line.push(resolve))
  }
  const leave = (): void => {
    const next = line.shift()
    if (next === undefined) running -= 1
    else next()
  }

  return {
    run: async (work) => {
      await enter()
      try {
        return await work()
      } finally {
        leave()
      }
    },
  }
}
