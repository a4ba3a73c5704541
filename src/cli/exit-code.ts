import { AppError } from '../app-error.ts'

/** What a script can tell from the exit code. */
export const EXIT = {
  /** Done. */
  ok: 0,
  /** A `--fail-if` condition holds, doctor found something broken, or the command failed. */
  no: 1,
  /** The command line is wrong. */
  usage: 2,
  /** `query`, `compare`: the question could not be put or has no answer. */
  unanswered: 3,
} as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Thrown by a command that wants another code than its kind of failure would give. */
export class ExitError extends Error {
  readonly exitCode: ExitCode

  constructor(exitCode: ExitCode, message: string) {
    super(message)
    this.name = 'ExitError'
    this.exitCode = exitCode
  }
}

/**
 * The exit code of a failure. `asks`: the command puts a question, so that 1 keeps its meaning "a condition holds".
 */
export const exitCodeOf = (error: unknown, asks: boolean): ExitCode => {
  if (error instanceof ExitError) return error.exitCode
  if (error instanceof AppError && error.code === 'invalid') return EXIT.usage
  return asks ? EXIT.unanswered : EXIT.no
}

/** The one sentence of a failure; nothing of the program's inside. */
export const sentenceOf = (error: unknown): string => {
  if (error instanceof AppError || error instanceof ExitError) return error.message
  return error instanceof Error
    ? `Unexpected failure: ${firstLine(error.message)}`
    : 'Unexpected failure.'
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? ''
