import { statSync } from 'node:fs'
import type { AppError } from '../../app-error.ts'

/** Beyond this a reader of another process keeps the journal from being emptied. */
const LARGE_JOURNAL = 64 * 1024 * 1024

export type HealthBook = ReturnType<typeof createHealth>

/** What is wrong with the store now. `journal`: the path of the write-ahead log. */
export const createHealth = (journal: string) => {
  let failure: AppError | undefined
  const lasting = new Map<string, string>()
  return {
    /** A write failed; until one works again the store is unhealthy. */
    failed: (error: AppError) => {
      failure = error
    },
    worked: () => {
      failure = undefined
    },
    /** Keeps a problem under a name until it is cleared (undefined). */
    note: (name: string, problem: string | undefined) => {
      if (problem === undefined) lasting.delete(name)
      else lasting.set(name, problem)
    },
    problems: (): readonly string[] => {
      const size = sizeOf(journal)
      const grown = Math.round(size / 2 ** 20)
      return [
        // The same failure may have met a write and the maintenance.
        ...new Set([
          ...(failure === undefined ? [] : [failure.message]),
          ...lasting.values(),
          ...(size > LARGE_JOURNAL
            ? [
                `The journal of series.db has grown to ${grown} MB: end the program that keeps series.db open.`,
              ]
            : []),
        ]),
      ]
    },
  }
}

const sizeOf = (file: string): number => {
  try {
    return statSync(file).size
  } catch {
    return 0
  }
}
