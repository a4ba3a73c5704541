import { useState } from 'preact/hooks'
import { sentenceOf } from './load.ts'

/** Something that a person has asked to be done, and how it went. */
export type Action = {
  readonly isBusy: boolean
  readonly error: string | undefined
  /** What to say of the last success. */
  readonly done: string | undefined
  /** Resolves when it is done or has failed; what it resolves with is said. */
  run(work: () => Promise<string | undefined>): Promise<void>
}

export const useAction = (): Action => {
  const [state, setState] = useState<{ isBusy: boolean; error?: string; done?: string }>({
    isBusy: false,
  })
  return {
    isBusy: state.isBusy,
    error: state.error,
    done: state.done,
    run: async (work) => {
      setState({ isBusy: true })
      try {
        const done = await work()
        setState({ isBusy: false, ...(done !== undefined && { done }) })
      } catch (cause) {
        setState({ isBusy: false, error: sentenceOf(cause) })
      }
    },
  }
}
