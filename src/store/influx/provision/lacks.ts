import { AppError } from '../../../app-error.ts'
import { reasonOf, statusOf } from '../failures.ts'

/** Collects what a token may not do, so that a person hears all of it at once. */
export type Lacks = {
  /** Does a step; a refusal for want of rights is noted, and the step gives undefined. */
  attempt<Result>(what: string, step: () => Promise<Result>): Promise<Result | undefined>
  note(sentence: string): void
  sentences(): readonly string[]
}

const RIGHT = /\b(read|write):(?:orgs\/[0-9a-f]+\/)?([a-z]+)\S* is unauthorized/

export const createLacks = (): Lacks => {
  const found = new Set<string>()
  return {
    attempt: async (what, step) => {
      try {
        return await step()
      } catch (error) {
        const right = missingRight(error)
        if (right === undefined) throw error
        found.add(`${right}, to ${what}`)
        return undefined
      }
    },
    note: (sentence) => void found.add(sentence),
    sentences: () => [...found],
  }
}

/** `write:buckets`, where that is why InfluxDB refused. */
export const missingRight = (error: unknown): string | undefined => {
  const status = statusOf(error)
  const reason = reasonOf(error)
  const right = RIGHT.exec(reason)
  if (right !== null) return `${right[1]}:${right[2]}`
  // tasks say it without a status of their own: 500 with this text
  if (/task.*unauthorized/.test(reason)) return 'read:tasks and write:tasks'
  return status === 403 ? reason : undefined
}

export const setup = (detail: string, cause?: unknown): AppError =>
  new AppError({ code: 'setup', detail, cause })
