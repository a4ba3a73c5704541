import { AppError } from '../app-error.ts'

/** Lets a bounded number of jobs run, and a bounded number wait for their turn. */
export type Bounded = {
  /** Runs the job when it is its turn; unavailable: too many wait already. */
  run<T>(job: () => Promise<T>): Promise<T>
  figures(): { readonly running: number; readonly waiting: number }
}

export const bounded = (limits: {
  readonly running: number
  readonly waiting: number
}): Bounded => {
  const queue: (() => void)[] = []
  let running = 0
  const place = async (): Promise<void> => {
    if (running < limits.running) {
      running++
      return
    }
    if (queue.length >= limits.waiting)
      throw new AppError({
        code: 'unavailable',
        detail: 'Too many questions at once. Try again in a second.',
        retryAfterSeconds: 1,
      })
    // the one that leaves hands its place over: nobody can slip in between
    await new Promise<void>((resolve) => queue.push(resolve))
  }
  return {
    async run(job) {
      await place()
      try {
        return await job()
      } finally {
        const next = queue.shift()
        if (next === undefined) running--
        else next()
      }
    },
    figures: () => ({ running, waiting: queue.length }),
  }
}
