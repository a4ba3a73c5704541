/** What passes through: each listener gets every item in order, unless it falls behind by more than its bound. */
export type Hub<Item> = {
  publish(item: Item): void
  /** The newest item; null before the first. */
  latest(): Item | null
  /**
   * A listener that returns a promise gets its next item when that has settled. While it is busy at most `bound`
   * items wait for it (the oldest goes first), so that a slow listener costs a fixed amount of memory.
   */
  subscribe(listener: Listener<Item>, options?: { readonly bound?: number }): () => void
  figures(): HubFigures
}

export type Listener<Item> = (item: Item) => void | Promise<void>
export type HubFigures = {
  readonly listeners: number
  readonly waiting: number
  readonly dropped: number
}

type Subscription<Item> = {
  readonly listener: Listener<Item>
  readonly bound: number
  readonly waiting: Item[]
  busy: boolean
}

const DEFAULT_BOUND = 16

/** `onError` is told of a listener that throws or rejects; the others are not disturbed. */
export const createHub = <Item>(onError: (error: unknown) => void): Hub<Item> => {
  const subscriptions = new Set<Subscription<Item>>()
  let newest: Item | null = null
  let dropped = 0

  const deliver = (to: Subscription<Item>, item: Item): void => {
    try {
      const done = to.listener(item)
      if (done === undefined) return
      to.busy = true
      done.catch(onError).finally(() => {
        to.busy = false
        drain(to)
      })
    } catch (error) {
      onError(error)
    }
  }

  const drain = (to: Subscription<Item>): void => {
    while (!to.busy && subscriptions.has(to)) {
      const next = to.waiting.shift()
      if (next === undefined) return
      deliver(to, next)
    }
  }

  return {
    publish(item) {
      newest = item
      for (const to of subscriptions) {
        if (!to.busy) {
          deliver(to, item)
          continue
        }
        to.waiting.push(item)
        if (to.waiting.length <= to.bound) continue
        to.waiting.shift()
        dropped++
      }
    },
    latest: () => newest,
    subscribe(listener, { bound = DEFAULT_BOUND } = {}) {
      const subscription: Subscription<Item> = { listener, bound, waiting: [], busy: false }
      subscriptions.add(subscription)
      return () => {
        subscriptions.delete(subscription)
      }
    },
    figures: () => ({
      listeners: subscriptions.size,
      waiting: [...subscriptions].reduce((sum, { waiting }) => sum + waiting.length, 0),
      dropped,
    }),
  }
}
