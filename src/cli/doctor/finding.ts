/**
 * ok: works. absent: this host does not have it, nothing to mend. note: works, but have a look.
 * broken: PerfWatch cannot do its job until it is mended.
 */
export const STATES = ['ok', 'absent', 'note', 'broken'] as const
export type State = (typeof STATES)[number]

export type Finding = {
  /** What was looked at, in a word or two. */
  readonly check: string
  readonly state: State
  /** What is the case, as a sentence or part of one. */
  readonly says: string
  /** What a person can do. */
  readonly advice?: string
}

/** Looks at one thing. What it throws is a finding too: `broken`. */
export type Check = {
  readonly name: string
  readonly run: () => Promise<readonly Finding[]>
}

export const ok = (check: string, says: string): Finding => ({ check, state: 'ok', says })
export const absent = (check: string, says: string, advice?: string): Finding => ({
  check,
  state: 'absent',
  says,
  ...(advice === undefined ? {} : { advice }),
})
export const note = (check: string, says: string, advice: string): Finding => ({
  check,
  state: 'note',
  says,
  advice,
})
export const broken = (check: string, says: string, advice: string): Finding => ({
  check,
  state: 'broken',
  says,
  advice,
})
