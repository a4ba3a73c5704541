export type BoundedMap<Key, Value> = {
  /** The value of a key; made and kept when there is none. Undefined is not kept. */
  getOrMake(key: Key, make: () => Value | undefined): Value | undefined
  delete(key: Key): void
  clear(): void
}

/** A cache whose oldest entry makes room for a new one. */
export const createBoundedMap = <Key, Value>(most: number): BoundedMap<Key, Value> => {
  const entries = new Map<Key, Value>()
  return {
    getOrMake: (key, make) => {
      const kept = entries.get(key)
      if (kept !== undefined) return kept
      const value = make()
      if (value === undefined) return undefined
      const [oldest] = entries.size >= most ? entries.keys() : []
      if (oldest !== undefined) entries.delete(oldest)
      entries.set(key, value)
      return value
    },
    delete: (key) => {
      entries.delete(key)
    },
    clear: () => entries.clear(),
  }
}
