/** Older than so many times `freshMs` is of another day: nobody has asked for long. */
const TOO_OLD = 5

/**
 * An answer that is kept: given at once while it is young, given at once and asked for anew in the background when
 * it is old, asked for and waited for when it is very old and after `forget`.
 */
export type Remembered<Value> = {
  get(): Promise<Value>
  /** What is known now, without asking. */
  peek(): Value | undefined
  forget(): void
}

export const remember = <Value>(options: {
  readonly freshMs: number
  readonly monotonic: () => number
  readonly load: () => Promise<Value>
}): Remembered<Value> => {
  let kept: { readonly value: Value; readonly at: number } | undefined
  let loading: Promise<Value> | undefined
  let version = 0

  const reload = (): Promise<Value> => {
    if (loading !== undefined) return loading
    const mine = version
    const load = options.load().then((value) => {
      // what was asked before `forget` may be old already
      if (mine === version) kept = { value, at: options.monotonic() }
      return value
    })
    loading = load
    const done = () => {
      if (loading === load) loading = undefined
    }
    load.then(done, done)
    return load
  }

  return {
    get: async () => {
      if (kept === undefined) return reload()
      const age = options.monotonic() - kept.at
      if (age > TOO_OLD * options.freshMs) return reload()
      // who waits for nothing hears of no failure: the next one who has to wait does
      if (age > options.freshMs) reload().catch(() => undefined)
      return kept.value
    },
    peek: () => kept?.value,
    forget: () => {
      version += 1
      kept = undefined
      loading = undefined
    },
  }
}
