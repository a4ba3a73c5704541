import { useCallback, useEffect, useState } from 'preact/hooks'

/** What was asked for: the newest answer stays while the next one is on its way, or has failed. */
export type Loaded<T> = {
  readonly value: T | undefined
  readonly error: string | undefined
  readonly isLoading: boolean
  reload(): void
}

/** A sentence for people. */
export const sentenceOf = (error: unknown): string =>
  error instanceof Error ? error.message : 'Something went wrong.'

/**
 * Asks when `key` changes; null asks nothing. An answer that was overtaken is dropped and its request ended.
 */
export const useLoaded = <T>(
  key: string | null,
  load: (signal: AbortSignal) => Promise<T>,
): Loaded<T> => {
  const [state, setState] = useState<{ key?: string; value?: T; error?: string }>({})
  const [round, setRound] = useState(0)
  const [isLoading, setLoading] = useState(key !== null)
  useEffect(() => {
    if (key === null) return
    const abort = new AbortController()
    setLoading(true)
    load(abort.signal).then(
      (value) => {
        if (abort.signal.aborted) return
        setState({ key, value })
        setLoading(false)
      },
      (error: unknown) => {
        if (abort.signal.aborted) return
        setState((before) => ({ ...before, error: sentenceOf(error) }))
        setLoading(false)
      },
    )
    return () => abort.abort()
    // what to load is told by the key
  }, [key, round])
  const reload = useCallback(() => setRound((before) => before + 1), [])
  return { value: state.value, error: state.error, isLoading, reload }
}
